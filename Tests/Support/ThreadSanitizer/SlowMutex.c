// Tells ThreadSanitizer of the slow paths of Swift's `Mutex`, as a library to be loaded before all others.
//
// `Synchronization.Mutex` on Linux tries an atomic exchange first, which is compiled into the caller and so seen. When
// another thread holds the lock, `_MutexHandle._lockSlow` and `_unlockSlow` of libswiftSynchronization.so hand it over in
// the kernel (FUTEX_LOCK_PI). That library is not instrumented: the hand-over is not seen, and what the lock guards is
// taken for a race. A suppression would have to name `Mutex.withLock`, and then hide the true races as well; here each
// slow path says what it does, release before unlocking and acquire after locking, and nothing is hidden.
//
// https://github.com/swiftlang/swift/blob/swift-6.3.1-RELEASE/stdlib/public/Synchronization/Mutex/LinuxImpl.swift

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// The functions of Swift have their `self`, here the address of the lock's word, in a register of its own.
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *word
typedef SWIFT void LockSlow(uint32_t thread, SELF);
typedef SWIFT void UnlockSlow(SELF);

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// Absent in `swift test` itself, which loads this library too.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

SWIFT void lockSlow(uint32_t thread, SELF) __asm__(LOCK_SLOW);
SWIFT void unlockSlow(SELF) __asm__(UNLOCK_SLOW);

SWIFT void lockSlow(uint32_t thread, SELF) {
  ((LockSlow *)dlsym(RTLD_NEXT, LOCK_SLOW))(thread, word);
  if (__tsan_acquire) __tsan_acquire(word);
}

SWIFT void unlockSlow(SELF) {
  if (__tsan_release) __tsan_release(word);
  ((UnlockSlow *)dlsym(RTLD_NEXT, UNLOCK_SLOW))(word);
}
