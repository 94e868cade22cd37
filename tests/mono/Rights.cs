// A managed program as they are written for msipc.dll: the declarations follow the MSIPC documentation, name the library as
// Windows does, and are mapped to the library with 16-bit text by Rights.exe.config alone.
using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

internal static class Native
{
    private const string Library = "msipc.dll";

    [StructLayout(LayoutKind.Sequential)]
    internal struct IPC_BUFFER
    {
        internal IntPtr pvBuffer;
        internal uint cbBuffer;
    }

    [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
    internal struct IPC_TEMPLATE_INFO
    {
        [MarshalAs(UnmanagedType.LPWStr)] internal string wszID;
        internal uint lcid;
        [MarshalAs(UnmanagedType.LPWStr)] internal string wszName;
        [MarshalAs(UnmanagedType.LPWStr)] internal string wszDescription;
        [MarshalAs(UnmanagedType.LPWStr)] internal string wszIssuerDisplayName;
        [MarshalAs(UnmanagedType.Bool)] internal bool fFromTemplate;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct IPC_PROMPT_CTX
    {
        internal uint cbSize;
        internal IntPtr hwndParent;
        internal uint dwFlags;
        internal IntPtr hCancelEvent;
        internal IntPtr pcCredential;
    }

    [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
    internal struct IPC_USER
    {
        internal uint dwType;
        [MarshalAs(UnmanagedType.LPWStr)] internal string wszID;
    }

    [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
    internal struct IPC_USER_RIGHTS
    {
        internal IPC_USER User;
        internal uint cRights;
        internal IntPtr rgwszRights;
    }

    [DllImport(Library)] internal static extern int IpcInitialize();
    [DllImport(Library)] internal static extern void IpcFreeMemory(IntPtr handle);
    [DllImport(Library)] internal static extern int IpcCloseHandle(IntPtr handle);

    [DllImport(Library, CharSet = CharSet.Unicode)]
    internal static extern int IpcGetErrorMessageText(int hrError, uint dwLanguageId, out IntPtr ppwszErrorMessageText);

    [DllImport(Library)]
    internal static extern int IpcGetTemplateList(IntPtr pConnectionInfo, uint dwFlags, uint lcid, ref IPC_PROMPT_CTX pContext,
                                                  IntPtr pvReserved, out IntPtr ppcTil);

    [DllImport(Library)]
    internal static extern int IpcGetTemplateIssuerList(IntPtr pConnectionInfo, uint dwFlags, ref IPC_PROMPT_CTX pContext,
                                                        IntPtr pvReserved, out IntPtr ppcTemplateIssuerList);

    [DllImport(Library)]
    internal static extern int IpcCreateLicenseFromScratch(IntPtr pTemplateIssuer, uint dwFlags, IntPtr pvReserved, out IntPtr phLicense);

    [DllImport(Library)]
    internal static extern int IpcSetLicenseProperty(IntPtr hLicense, [MarshalAs(UnmanagedType.Bool)] bool fDelete, uint dwPropID,
                                                     IntPtr pvProperty);

    [DllImport(Library, CharSet = CharSet.Unicode)]
    internal static extern int IpcSerializeLicense([MarshalAs(UnmanagedType.LPWStr)] string pvLicenseInfo, uint dwType, uint dwFlags,
                                                   ref IPC_PROMPT_CTX pContext, out IntPtr phKey, out IntPtr ppvLicense);

    [DllImport(Library)]
    internal static extern int IpcSerializeLicense(IntPtr pvLicenseInfo, uint dwType, uint dwFlags, ref IPC_PROMPT_CTX pContext,
                                                   out IntPtr phKey, out IntPtr ppvLicense);

    [DllImport(Library)]
    internal static extern int IpcGetKey(ref IPC_BUFFER pvLicense, uint dwFlags, ref IPC_PROMPT_CTX pContext, IntPtr pvReserved, out IntPtr phKey);

    [DllImport(Library, CharSet = CharSet.Unicode)]
    internal static extern int IpcAccessCheck(IntPtr hKey, [MarshalAs(UnmanagedType.LPWStr)] string wszRequestedRight,
                                              [MarshalAs(UnmanagedType.Bool)] out bool pfAccessGranted);

    [DllImport(Library)]
    internal static extern int IpcEncrypt(IntPtr hKey, uint dwBlockNumber, [MarshalAs(UnmanagedType.Bool)] bool fFinal, byte[] pbInput,
                                          uint cbInput, byte[] pbOutput, uint cbOutput, out uint pcbResult);

    [DllImport(Library)]
    internal static extern int IpcDecrypt(IntPtr hKey, uint dwBlockNumber, [MarshalAs(UnmanagedType.Bool)] bool fFinal, byte[] pbInput,
                                          uint cbInput, [Out] byte[] pbOutput, uint cbOutput, out uint pcbResult);

    [DllImport(Library, CharSet = CharSet.Unicode)]
    internal static extern int IpcfEncryptFile([MarshalAs(UnmanagedType.LPWStr)] string wszInputFilePath, IntPtr pvLicenseInfo,
                                               uint dwType, uint dwFlags, ref IPC_PROMPT_CTX pContext,
                                               [MarshalAs(UnmanagedType.LPWStr)] string wszOutputFileDirectory, out IntPtr pwszOutputFilePath);

    [DllImport(Library, CharSet = CharSet.Unicode)]
    internal static extern int IpcfDecryptFile([MarshalAs(UnmanagedType.LPWStr)] string wszInputFilePath, uint dwFlags,
                                               ref IPC_PROMPT_CTX pContext, [MarshalAs(UnmanagedType.LPWStr)] string wszOutputFileDirectory,
                                               out IntPtr pwszOutputFilePath);

    [DllImport(Library, CharSet = CharSet.Unicode)]
    internal static extern int IpcfIsFileEncrypted([MarshalAs(UnmanagedType.LPWStr)] string wszInputFilePath, out uint pdwFileStatus);

    // Of this library, not of msipc.dll: who asks.
    [DllImport(Library, CharSet = CharSet.Unicode)]
    internal static extern int IpcxSetIdentity([MarshalAs(UnmanagedType.LPWStr)] string wszIdentity);
}

internal static class Rights
{
    private const uint PromptSilent = 1, TemplateId = 1, LicenseHandle = 2, FileLicenseHandle = 1, PropertyUserRights = 4, UserTypeEmail = 1;
    private const int RightNotGranted = unchecked((int)0x80040211);

    private static int passed, failed;

    private static void Check(bool holds, string what)
    {
        if (holds) passed++; else failed++;
        Console.WriteLine("{0} ... {1}", what, holds ? "ok" : "FAILED");
    }

    private static void Must(int result, string what)
    {
        if (result >= 0) return;
        IntPtr text;
        Native.IpcGetErrorMessageText(result, 0, out text);
        string message = Marshal.PtrToStringUni(text);
        Native.IpcFreeMemory(text);
        throw new InvalidOperationException(string.Format("{0}: 0x{1:X8} {2}", what, result, message));
    }

    private static Native.IPC_PROMPT_CTX Silent()
    {
        var prompt = new Native.IPC_PROMPT_CTX();
        prompt.cbSize = (uint)Marshal.SizeOf(typeof(Native.IPC_PROMPT_CTX));
        prompt.dwFlags = PromptSilent;
        return prompt;
    }

    private static string TakeText(IntPtr text)
    {
        string value = Marshal.PtrToStringUni(text);
        Native.IpcFreeMemory(text);
        return value;
    }

    // A list begins with its count; the entries follow where a pointer may stand.
    private static List<Native.IPC_TEMPLATE_INFO> Templates()
    {
        IntPtr list;
        var prompt = Silent();
        Must(Native.IpcGetTemplateList(IntPtr.Zero, 0, 0, ref prompt, IntPtr.Zero, out list), "IpcGetTemplateList");
        var found = new List<Native.IPC_TEMPLATE_INFO>();
        int size = Marshal.SizeOf(typeof(Native.IPC_TEMPLATE_INFO));
        for (int i = 0; i < Marshal.ReadInt32(list); i++)
            found.Add((Native.IPC_TEMPLATE_INFO)Marshal.PtrToStructure(
                new IntPtr(list.ToInt64() + IntPtr.Size + (long)i * size), typeof(Native.IPC_TEMPLATE_INFO)));
        Native.IpcFreeMemory(list);
        return found;
    }

    private static byte[] TakeLicense(IntPtr buffer)
    {
        var license = (Native.IPC_BUFFER)Marshal.PtrToStructure(buffer, typeof(Native.IPC_BUFFER));
        var bytes = new byte[license.cbBuffer];
        Marshal.Copy(license.pvBuffer, bytes, 0, bytes.Length);
        Native.IpcFreeMemory(buffer);
        return bytes;
    }

    private static int Open(byte[] license, out IntPtr key)
    {
        var prompt = Silent();
        GCHandle pinned = GCHandle.Alloc(license, GCHandleType.Pinned);
        try
        {
            var buffer = new Native.IPC_BUFFER();
            buffer.pvBuffer = pinned.AddrOfPinnedObject();
            buffer.cbBuffer = (uint)license.Length;
            return Native.IpcGetKey(ref buffer, 0, ref prompt, IntPtr.Zero, out key);
        }
        finally
        {
            pinned.Free();
        }
    }

    private static bool Granted(IntPtr key, string right)
    {
        bool granted;
        Must(Native.IpcAccessCheck(key, right, out granted), "IpcAccessCheck");
        return granted;
    }

    private static byte[] Encrypt(IntPtr key, byte[] plain)
    {
        uint size;
        Must(Native.IpcEncrypt(key, 0, true, plain, (uint)plain.Length, null, 0, out size), "IpcEncrypt, size");
        var encrypted = new byte[size];
        Must(Native.IpcEncrypt(key, 0, true, plain, (uint)plain.Length, encrypted, size, out size), "IpcEncrypt");
        Array.Resize(ref encrypted, (int)size);
        return encrypted;
    }

    private static byte[] Decrypt(IntPtr key, byte[] encrypted)
    {
        uint size;
        var plain = new byte[encrypted.Length];
        Must(Native.IpcDecrypt(key, 0, true, encrypted, (uint)encrypted.Length, plain, (uint)plain.Length, out size), "IpcDecrypt");
        Array.Resize(ref plain, (int)size);
        return plain;
    }

    private static bool Same(byte[] a, byte[] b)
    {
        return Convert.ToBase64String(a) == Convert.ToBase64String(b);
    }

    // A license that lets the user do what the rights say.
    private static IntPtr License(string user, params string[] rights)
    {
        IntPtr issuers, license;
        var prompt = Silent();
        Must(Native.IpcGetTemplateIssuerList(IntPtr.Zero, 0, ref prompt, IntPtr.Zero, out issuers), "IpcGetTemplateIssuerList");
        int result = Native.IpcCreateLicenseFromScratch(new IntPtr(issuers.ToInt64() + IntPtr.Size), 0, IntPtr.Zero, out license);
        Native.IpcFreeMemory(issuers);
        Must(result, "IpcCreateLicenseFromScratch");

        int size = Marshal.SizeOf(typeof(Native.IPC_USER_RIGHTS));
        IntPtr list = Marshal.AllocHGlobal(2 * sizeof(int) + size), names = Marshal.AllocHGlobal(rights.Length * IntPtr.Size);
        for (int i = 0; i < rights.Length; i++)
            Marshal.WriteIntPtr(names, i * IntPtr.Size, Marshal.StringToHGlobalUni(rights[i]));
        var entry = new Native.IPC_USER_RIGHTS();
        entry.User.dwType = UserTypeEmail;
        entry.User.wszID = user;
        entry.cRights = (uint)rights.Length;
        entry.rgwszRights = names;
        Marshal.WriteInt32(list, 0, 2 * sizeof(int) + size);
        Marshal.WriteInt32(list, sizeof(int), 1);
        IntPtr at = new IntPtr(list.ToInt64() + 2 * sizeof(int));
        Marshal.StructureToPtr(entry, at, false);
        result = Native.IpcSetLicenseProperty(license, false, PropertyUserRights, list);
        Marshal.DestroyStructure(at, typeof(Native.IPC_USER_RIGHTS));
        for (int i = 0; i < rights.Length; i++)
            Marshal.FreeHGlobal(Marshal.ReadIntPtr(names, i * IntPtr.Size));
        Marshal.FreeHGlobal(names);
        Marshal.FreeHGlobal(list);
        Must(result, "IpcSetLicenseProperty");
        return license;
    }

    private static void Layouts()
    {
        Check(Marshal.SizeOf(typeof(Native.IPC_PROMPT_CTX)) == 40, "IPC_PROMPT_CTX as documented has 40 bytes");
        Check(Marshal.SizeOf(typeof(Native.IPC_TEMPLATE_INFO)) == 48, "IPC_TEMPLATE_INFO has 48 bytes");
        Check(Marshal.SizeOf(typeof(Native.IPC_USER_RIGHTS)) == 32, "IPC_USER_RIGHTS has 32 bytes");
    }

    private static void ByTemplate(byte[] plain)
    {
        List<Native.IPC_TEMPLATE_INFO> templates = Templates();
        Check(templates.Count >= 1, "templates are listed");
        foreach (Native.IPC_TEMPLATE_INFO template in templates)
            Check(new Guid(template.wszID.Trim('{', '}')) != Guid.Empty && template.wszName.Length > 0 && template.fFromTemplate,
                  "template " + template.wszName);
        IntPtr publisher, reader, license;
        var prompt = Silent();
        Must(Native.IpcSerializeLicense(templates[0].wszID, TemplateId, 0, ref prompt, out publisher, out license), "IpcSerializeLicense");
        byte[] bytes = TakeLicense(license), encrypted = Encrypt(publisher, plain);
        Check(!Same(encrypted, plain), "content is encrypted");
        Must(Open(bytes, out reader), "IpcGetKey");
        Check(Same(Decrypt(reader, encrypted), plain), "content is decrypted");
        Check(Granted(reader, "VIEW") && Granted(reader, "OWNER"), "the publisher owns it");
        Native.IpcCloseHandle(reader);
        Native.IpcCloseHandle(publisher);
    }

    private static void ByRights(byte[] plain)
    {
        IntPtr license = License("ben@contoso.example", "VIEW", "PRINT"), publisher, key, buffer;
        var prompt = Silent();
        Must(Native.IpcSerializeLicense(license, LicenseHandle, 0, ref prompt, out publisher, out buffer), "IpcSerializeLicense");
        byte[] bytes = TakeLicense(buffer), encrypted = Encrypt(publisher, plain);
        Native.IpcCloseHandle(publisher);
        Native.IpcCloseHandle(license);

        Must(Native.IpcxSetIdentity("ben@contoso.example"), "IpcxSetIdentity");
        Must(Open(bytes, out key), "IpcGetKey as the reader");
        Check(Granted(key, "VIEW") && Granted(key, "PRINT"), "the reader has what was granted");
        Check(!Granted(key, "EDIT") && !Granted(key, "EXTRACT"), "and nothing else");
        Check(Same(Decrypt(key, encrypted), plain), "the reader decrypts");
        Native.IpcCloseHandle(key);

        Must(Native.IpcxSetIdentity("mallory@contoso.example"), "IpcxSetIdentity");
        Check(Open(bytes, out key) == RightNotGranted && key == IntPtr.Zero, "others are refused");
        IntPtr text;
        Must(Native.IpcGetErrorMessageText(RightNotGranted, 0, out text), "IpcGetErrorMessageText");
        Check(TakeText(text).Length > 10, "and the refusal has a text");
        Must(Native.IpcxSetIdentity(null), "IpcxSetIdentity");
    }

    private static void ByFile(byte[] plain)
    {
        string file = Path.Combine(Directory.GetCurrentDirectory(), "Übersicht Ω 𝄞.txt");
        File.WriteAllBytes(file, plain);
        IntPtr license = License("ben@contoso.example", "VIEW"), written;
        uint status;
        var prompt = Silent();
        Must(Native.IpcfEncryptFile(file, license, FileLicenseHandle, 0, ref prompt, null, out written), "IpcfEncryptFile");
        Native.IpcCloseHandle(license);
        string isProtected = TakeText(written);
        Check(File.Exists(isProtected) && !File.Exists(file), "the file is protected: " + Path.GetFileName(isProtected));
        Must(Native.IpcfIsFileEncrypted(isProtected, out status), "IpcfIsFileEncrypted");
        Check(status != 0, "and says so");
        Must(Native.IpcfDecryptFile(isProtected, 0, ref prompt, null, out written), "IpcfDecryptFile");
        Check(TakeText(written) == file && Same(File.ReadAllBytes(file), plain), "and comes back under its name");
    }

    public static int Main()
    {
        byte[] plain = Encoding.UTF8.GetBytes("The minutes of the board, from managed code.");
        try
        {
            Must(Native.IpcInitialize(), "IpcInitialize");
            Layouts();
            ByTemplate(plain);
            ByRights(plain);
            ByFile(plain);
        }
        catch (Exception problem)
        {
            Console.WriteLine(problem.Message);
            failed++;
        }
        Console.WriteLine("{0} passed, {1} failed", passed, failed);
        return failed == 0 && passed > 0 ? 0 : 1;
    }
}
