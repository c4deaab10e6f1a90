"""Write the native API's OpenAPI document, which the console's types are made from (`make api-types`)."""

import sys
from pathlib import Path

import msgspec

from jobfleet.api.native.openapi import document

if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(msgspec.json.encode(document()))
