"""How the native API names scopes and targets: one text each."""

from jobfleet.model.target_text import parse_objects, parse_targets

__all__ = ["SCOPE_PATTERN", "parse_objects", "parse_targets"]

SCOPE_PATTERN = r"^(biz|biz_set):[1-9][0-9]{0,17}$"
