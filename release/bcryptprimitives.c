/* Wine before 9 lacks this library of Windows, which Rust's programs take random numbers from. release/check builds it
 * beside the program that it tries there; it is no part of a release. */
#include <windows.h>

BOOLEAN WINAPI SystemFunction036(PVOID, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
    return SystemFunction036(buffer, (ULONG)length);
}
