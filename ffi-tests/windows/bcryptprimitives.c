/* For tests under wine alone: the one function of bcryptprimitives.dll that Rust's standard library takes random bytes
 * from, and that wine before version 9 lacks. Never installed.
 */
#include <windows.h>
#include <ntsecapi.h> /* RtlGenRandom */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count)
{
    return RtlGenRandom(bytes, (ULONG)count);
}
