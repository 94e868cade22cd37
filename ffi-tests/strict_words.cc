// The words of Windows as C++ programs write them: compiled with every warning as an error by scripts/check_headers.py.
#include <resolv.h> // has NOERROR, too

#include <msipc.h>
#include <msipc_ext.h>

extern "C" int strict_words(HRESULT result, REFIID riid, CONST CHAR *name, BYTE *bytes, SIZE_T count);

namespace {

const HRESULT codes[] = {S_OK, NOERROR, E_NOINTERFACE, MAKE_HRESULT(SEVERITY_ERROR, FACILITY_WIN32, ERROR_ACCESS_DENIED),
                         HRESULT_FROM_WIN32(ERROR_NOT_READY), IPCERROR_RIGHT_NOT_GRANTED};

// g++ tells of the base's destructor again at each class that derives from it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class Face : public IUnknown {
public:
    STDMETHODIMP QueryInterface(REFIID riid, void **face)
    {
        *face = IsEqualIID(riid, IID_IUnknown) ? this : 0;
        return *face != 0 ? S_OK : E_NOINTERFACE;
    }
    STDMETHODIMP_(ULONG) AddRef() { return 1; }
    STDMETHODIMP_(ULONG) Release() { return 1; }
    virtual ~Face() {}
};
#pragma GCC diagnostic pop

} // namespace

extern "C" int strict_words(HRESULT result, REFIID riid, CONST CHAR *name, BYTE *bytes, SIZE_T count)
{
    Face face;
    void *other = IPCX_CANCEL_FD(3);
    LPCSTR text = name;
    UINT32 low = 1;
    UINT64 high = low;
    CopyMemory(bytes, text, count);
    ZeroMemory(bytes, count);
    if (FAILED(result) && HRESULT_FACILITY(result) == FACILITY_WIN32 && HRESULT_CODE(result) == ERROR_ACCESS_DENIED)
        return result == codes[3];
    return riid != IID_ILockBytes && SUCCEEDED(face.QueryInterface(riid, &other)) && high == low;
}
