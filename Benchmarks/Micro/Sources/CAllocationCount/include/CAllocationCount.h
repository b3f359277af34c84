#pragma once
#include <stdint.h>

/// Allocations of the calling thread so far; 0 throughout where the C library is not glibc.
uint64_t allocation_count(void);

/// Bytes asked for in these allocations.
uint64_t allocation_bytes(void);
