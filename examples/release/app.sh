#!/bin/bash
# The program that the release sends to the hosts.
echo "app.sh was called with: $*"
