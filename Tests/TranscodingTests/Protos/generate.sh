#!/bin/sh
# Makes binding.binpb anew from the two protos; needs protoc and the directory that holds google/api/*.proto
# (PyPI: googleapis-common-protos).
set -eu
: "${1:?usage: generate.sh DIRECTORY-WITH-google/api}"
cd "$(dirname "$0")"
protoc -I . -I "$1" --include_imports --descriptor_set_out=binding.binpb binding.proto legacy.proto
