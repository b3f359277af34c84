#!/bin/sh
# Makes Sources/ProtobufSchema/BuiltInDescriptors.swift: the descriptors that every schema has.
#
# Needs protoc with its own .proto files (Debian: protobuf-compiler, libprotobuf-dev), and the google/api and
# google/rpc files, which come from the PyPI package googleapis-common-protos (fetched with pip).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
includes=${PROTOC_INCLUDE:-/usr/include}

pip download --quiet --no-deps --dest "$work" googleapis-common-protos
python3 -m zipfile -e "$work"/googleapis_common_protos-*.whl "$work/googleapis"
protoc -I "$work/googleapis" -I "$includes" --include_imports --descriptor_set_out="$work/set.binpb" \
  google/protobuf/any.proto google/protobuf/api.proto google/protobuf/descriptor.proto \
  google/protobuf/duration.proto google/protobuf/empty.proto google/protobuf/field_mask.proto \
  google/protobuf/source_context.proto google/protobuf/struct.proto google/protobuf/timestamp.proto \
  google/protobuf/type.proto google/protobuf/wrappers.proto \
  google/rpc/code.proto google/rpc/error_details.proto google/rpc/status.proto \
  google/api/annotations.proto google/api/field_behavior.proto google/api/http.proto google/api/httpbody.proto

{
  cat <<'HEADER'
// Made by proto/make-built-in-descriptors.sh; do not edit.

/// The descriptors that every schema has: `google/protobuf`, `google/rpc` and `google/api`.
enum BuiltInDescriptors {
  /// A serialized `google.protobuf.FileDescriptorSet`.
  static var bytes: [UInt8] { Base64Text.decode(text) }

  /// The set in base64: a string literal compiles in no time, an array literal of this size does not.
  private static let text: StaticString = """
HEADER
  base64 -w 112 "$work/set.binpb" | sed 's/^/    /; $!s/$/\\/'
  printf '    """\n}\n'
} > "$root/Sources/ProtobufSchema/BuiltInDescriptors.swift"
