/* Whole files by path: every way of naming, identical bytes back, what a file keeps, where a result is put, and which
 * files are refused and then as they were. Who may do it and the administrator's rules are in test_files_policy.c.
 */
#include "files.h"

#include <pthread.h>
#if !defined(_WIN32)
#include <sys/wait.h>
#include <sys/xattr.h>
#endif

#define FORCE_PFILE IPCF_EF_FLAG_FORCE_PFILE
#define FORCE_NATIVE IPCF_EF_FLAG_FORCE_NATIVE
#define SECRET "the tide tables of the harbor, which nobody else may read"

typedef struct {
    const char *plain;
    DWORD flags;
    const char *sealed; /* NULL: the same name */
    DWORD status;
    const char *back; /* NULL: the name that it had */
} Naming;

static const Naming namings[] = {
    {"a.txt", 0, "a.ptxt", IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
    {"a.TXT", 0, "a.pTXT", IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
    {"A.Jpg", 0, "A.pJpg", IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
    {"a.xml", FORCE_NATIVE, "a.pxml", IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
    {"a.txt", FORCE_PFILE, "a.txt.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    {"a.zzz", 0, "a.zzz.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    {"a.zzz", FORCE_NATIVE, "a.pzzz", IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
    {"a", 0, "a.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    {"a", FORCE_NATIVE, "a.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
#if !defined(_WIN32) /* no such names there */
    {"a.", 0, "a.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    {"a.txt.", 0, "a.txt.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    {"a\\b.txt", 0, "a\\b.ptxt", IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
#endif
    {".profile", 0, ".profile.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    {"a.tar.gz", 0, "a.tar.gz.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    {"a.pfile", 0, "a.pfile.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    {"a.ptxt", 0, "a.ptxt.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    {" a b .txt", 0, " a b .ptxt", IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
    {"\xE6\xBD\xAE\xE6\xB1\x90.txt", 0, "\xE6\xBD\xAE\xE6\xB1\x90.ptxt", IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
    {"\xD0\xBF\xD0\xBB\xD0\xB0\xD0\xBD.\xD0\xB4\xD0\xBE\xD0\xBA", 0,
     "\xD0\xBF\xD0\xBB\xD0\xB0\xD0\xBD.\xD0\xB4\xD0\xBE\xD0\xBA.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    {"\xF0\x9F\x8C\x8A.png", 0, "\xF0\x9F\x8C\x8A.ppng", IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
};

/* The path of a result: the folder of the test and a name, or NULL where the path did not change. */
static void check_path(LPCWSTR got, const char *name, const char *before)
{
    char place[PATH_ROOM];
    if (strcmp(name, before) == 0) {
        CHECK_TEXT(got, NULL);
        return;
    }
    snprintf(place, sizeof place, "%s/%s", here("f"), name);
    CHECK_TEXT(got, wide(as_told(place)));
}

/* Protects and opens again; looks at everything that can be asked on the way. */
static void there_and_back(const Naming *row, const void *bytes, size_t count)
{
    const char *sealed = row->sealed != NULL ? row->sealed : row->plain;
    const char *back = row->back != NULL ? row->back : row->plain;
    char plain_path[PATH_ROOM], sealed_path[PATH_ROOM], back_path[PATH_ROOM];
    LPCWSTR told = NULL;
    DWORD flags = row->flags;
    int complaints = harness.complaints;
    fresh_folder("f");
    snprintf(plain_path, sizeof plain_path, "f/%s", row->plain);
    snprintf(sealed_path, sizeof sealed_path, "f/%s", sealed);
    snprintf(back_path, sizeof back_path, "f/%s", back);
    put_file(plain_path, bytes, count);
    CHECK(status_of(plain_path) == IPCF_FILE_STATUS_DECRYPTED);
    CHECK(authentication_of(plain_path) == IPCX_FILE_NOT_PROTECTED);

    CHECK_HR(IpcfGetEncryptedFilePath(wide(plain_path), flags, &told), S_OK);
    check_path((LPCWSTR)mine(told), sealed, row->plain);
    CHECK(holds(plain_path, bytes, count) && names_with("f", "") == 1);
    CHECK_HR(encrypt_flags(plain_path, template_id(0), flags, NULL, &told), S_OK);
    check_path(told, sealed, row->plain);
    CHECK(exists(sealed_path) && names_with("f", "") == 1);
    CHECK(status_of(sealed_path) == row->status);
    CHECK(has_right(open_as(ALICE, license_of(sealed_path)), IPC_GENERIC_ALL) == TRUE);
    if (count >= 16)
        CHECK(!occurs(sealed_path, (const BYTE *)bytes + count / 2, 16));

    told = (LPCWSTR)1;
    CHECK_HR(IpcfGetDecryptedFilePath(wide(sealed_path), 0, &told), S_OK);
    check_path((LPCWSTR)mine(told), back, sealed);
    CHECK_HR(decrypt(sealed_path, &told), S_OK);
    check_path(told, back, sealed);
    CHECK(holds(back_path, bytes, count) && names_with("f", "") == 1);
    if (harness.complaints != complaints)
        printf("    with %s\n", row->plain);
}

static void every_name_there_and_back(void)
{
    size_t i;
    act_as(ALICE);
    for (i = 0; i < COUNT(namings); i++)
        there_and_back(&namings[i], SECRET, strlen(SECRET));
}

static void content_of_any_length(void)
{
    static const size_t lengths[] = {0, 1, 15, 16, 17, 4095, 4096, 4097, 8192, 100000};
    static BYTE bytes[100000];
    Naming row = {"a.bin", 0, "a.bin.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL};
    size_t i;
    act_as(ALICE);
    fill(bytes, sizeof bytes, 7);
    for (i = 0; i < COUNT(lengths); i++)
        there_and_back(&row, bytes, lengths[i]);
}

static void office_documents_keep_their_name(void)
{
    static const Naming rows[] = {
        {"tides.docx", 0, NULL, IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
        {"tides.docx", FORCE_NATIVE, NULL, IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
        {"tides.docx", FORCE_PFILE, "tides.docx.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    };
    size_t count, i;
    const BYTE *bytes = real_document(&count);
    LPCWSTR told = NULL;
    act_as(ALICE);
    for (i = 0; i < COUNT(rows); i++)
        there_and_back(&rows[i], bytes, count);
    put_file("f/tides.docx", bytes, count);
    CHECK_HR(encrypt("f/tides.docx", &told), S_OK);
    CHECK_TEXT(told, NULL);
    CHECK(authentication_of("f/tides.docx") == IPCX_FILE_UNAUTHENTICATED);
    CHECK(memcmp(get_file("f/tides.docx", &count), "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0);
    /* What the container holds decides, not the name. */
    CHECK(rename("f/tides.docx", "f/tides.txt") == 0);
    CHECK(status_of("f/tides.txt") == IPCF_FILE_STATUS_ENCRYPTED_CUSTOM);
    CHECK_HR(decrypt("f/tides.txt", &told), S_OK);
    CHECK_TEXT(told, NULL);
    bytes = real_document(&count);
    CHECK(holds("f/tides.txt", bytes, count));
}

/* A PDF of one empty page. */
static size_t make_pdf(char *out, size_t room, const char *first, const char *in_catalog, const char *in_trailer)
{
    size_t used, at[4], table;
    int i;
    used = (size_t)snprintf(out, room, "%%PDF-1.4\n%s", first);
    for (i = 1; i <= 3; i++) {
        static const char *const objects[] = {"<< /Type /Catalog /Pages 2 0 R %s >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                                              "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"};
        at[i] = used;
        used += (size_t)snprintf(out + used, room - used, "%d 0 obj\n", i);
        if (i == 1)
            used += (size_t)snprintf(out + used, room - used, "<< /Type /Catalog /Pages 2 0 R %s >>", in_catalog);
        else
            used += (size_t)snprintf(out + used, room - used, "%s", objects[i - 1]);
        used += (size_t)snprintf(out + used, room - used, "\nendobj\n");
    }
    table = used;
    used += (size_t)snprintf(out + used, room - used, "xref\n0 4\n0000000000 65535 f \n");
    for (i = 1; i <= 3; i++)
        used += (size_t)snprintf(out + used, room - used, "%010lu 00000 n \n", (unsigned long)at[i]);
    used += (size_t)snprintf(out + used, room - used, "trailer\n<< /Size 4 /Root 1 0 R %s >>\nstartxref\n%lu\n%%%%EOF\n",
                             in_trailer, (unsigned long)table);
    return used;
}

static void pdf_becomes_ppdf_unless_it_is_signed(void)
{
    static const Naming rows[] = {
        {"a.pdf", 0, "a.ppdf", IPCF_FILE_STATUS_ENCRYPTED_CUSTOM, NULL},
        {"a.pdf", FORCE_PFILE, "a.pdf.pfile", IPCF_FILE_STATUS_ENCRYPTED, NULL},
    };
    static const char *const odd[][3] = {
        {"4 0 obj\n<< /Linearized 1 /L 700 >>\nendobj\n", "", ""},
        {"", "/AcroForm << /SigFlags 3 /Fields [] >>", ""},
        {"", "/Perms << /DocMDP 3 0 R >>", ""},
        {"", "", "/Encrypt << /Filter /Standard /V 1 /R 2 /O (x) /U (x) /P -1 >>"},
    };
    char pdf[2048];
    size_t length = make_pdf(pdf, sizeof pdf, "", "", ""), i;
    LPCWSTR told;
    act_as(ALICE);
    for (i = 0; i < COUNT(rows); i++)
        there_and_back(&rows[i], pdf, length);
    for (i = 0; i < COUNT(odd); i++) {
        fresh_folder("f");
        length = make_pdf(pdf, sizeof pdf, odd[i][0], odd[i][1], odd[i][2]);
        put_file("f/a.pdf", pdf, length);
        CHECK_HR(encrypt("f/a.pdf", &told), IPCERROR_FILE_PDFPROTECTOR_FORMAT_NOT_SUPPORTED);
        CHECK_TEXT(told, NULL);
        CHECK(holds("f/a.pdf", pdf, length) && names_with("f", "") == 1);
        /* As a pfile any content is protected. */
        CHECK_HR(encrypt_flags("f/a.pdf", template_id(0), FORCE_PFILE, NULL, &told), S_OK);
        CHECK_HR(decrypt("f/a.pdf.pfile", &told), S_OK);
        CHECK(holds("f/a.pdf", pdf, length));
    }
}

static void content_that_is_not_what_its_name_says(void)
{
    LPCWSTR told;
    act_as(ALICE);
    fresh_folder("f");
    put_text("f/a.docx", "no document");
    CHECK_HR(encrypt("f/a.docx", &told), WIN32(ERROR_NOT_SUPPORTED));
    CHECK(holds_text("f/a.docx", "no document") && names_with("f", "") == 1);
    CHECK_HR(IpcfGetEncryptedFilePath(W("f/a.docx"), 0, &told), WIN32(ERROR_NOT_SUPPORTED));
    CHECK_HR(encrypt_flags("f/a.docx", template_id(0), FORCE_PFILE, NULL, &told), S_OK);
    CHECK(status_of("f/a.docx.pfile") == IPCF_FILE_STATUS_ENCRYPTED);
    /* A renamed pfile stays one, and gets the extension back that it had. */
    CHECK(rename("f/a.docx.pfile", "f/b.pfile") == 0);
    CHECK_HR(decrypt("f/b.pfile", &told), S_OK);
    CHECK(holds_text("f/b.docx", "no document"));
    put_text("f/c.txt", "tides");
    CHECK_HR(encrypt("f/c.txt", &told), S_OK);
    CHECK(rename("f/c.ptxt", "f/c.txt") == 0);
    CHECK(status_of("f/c.txt") == IPCF_FILE_STATUS_ENCRYPTED_CUSTOM);
    CHECK_HR(decrypt("f/c.txt", &told), S_OK);
    CHECK_TEXT(told, NULL);
    CHECK(holds_text("f/c.txt", "tides"));
    /* The magic alone is a damaged file, not a plain one that could be protected. */
    put_text("f/d.pfile", ".pfile");
    CHECK_HR(encrypt("f/d.pfile", &told), WIN32(ERROR_FILE_CORRUPT));
    CHECK(holds_text("f/d.pfile", ".pfile"));
    CHECK_HR(decrypt("f/d.pfile", &told), WIN32(ERROR_FILE_CORRUPT));
}

/* A name of so many bytes that ends in an extension. */
static const char *long_name(size_t length, const char *end)
{
    static char name[300];
    memset(name, 'n', length);
    memcpy(name + length - strlen(end), end, strlen(end) + 1);
    return name;
}

static void long_names(void)
{
    LPCWSTR told;
    char path[400];
    act_as(ALICE);
    fresh_folder("f");
    /* One more letter fits, six more do not. */
    snprintf(path, sizeof path, "f/%s", long_name(254, ".txt"));
    put_text(path, SECRET);
    CHECK_HR(encrypt(path, &told), S_OK);
    snprintf(path, sizeof path, "f/%s", long_name(255, ".ptxt"));
    CHECK(exists(path));
    CHECK_HR(decrypt(path, &told), S_OK);
    snprintf(path, sizeof path, "f/%s", long_name(254, ".txt"));
    CHECK(holds_text(path, SECRET));
    CHECK_HR(encrypt_flags(path, template_id(0), FORCE_PFILE, NULL, &told), WIN32(ERROR_INVALID_NAME));
    CHECK(holds_text(path, SECRET) && names_with("f", "") == 1);
    CHECK_HR(IpcfGetEncryptedFilePath(wide(path), FORCE_PFILE, &told), WIN32(ERROR_INVALID_NAME));
    snprintf(path, sizeof path, "f/%s", long_name(255, ".txt"));
    put_text(path, SECRET);
    CHECK_HR(encrypt(path, &told), WIN32(ERROR_INVALID_NAME));
    CHECK(holds_text(path, SECRET));
}

#if !defined(_WIN32)
static void links_and_roundabout_paths(void)
{
    LPCWSTR told;
    struct stat found;
    act_as(ALICE);
    fresh_folder("f");
    fresh_folder("g");
    put_text("f/real.txt", SECRET);
    REQUIRE(symlink("../f/real.txt", "g/link.dat") == 0);
    /* The file is replaced, not the link to it, and its name counts. */
    CHECK_HR(encrypt("g/link.dat", &told), S_OK);
    CHECK_TEXT(told, wide(here("f/real.ptxt")));
    CHECK(lstat("g/link.dat", &found) == 0 && S_ISLNK(found.st_mode));
    CHECK(names_with("g", "") == 1 && names_with("f", "") == 1);
    CHECK_HR(decrypt("g/../f/./real.ptxt", &told), S_OK);
    CHECK_TEXT(told, wide(here("f/real.txt")));
    CHECK(holds_text("f/real.txt", SECRET));
    /* A path that climbs out of a folder names what it leads to; the result stays beside that. */
    CHECK_HR(encrypt_flags("g/../f/real.txt", template_id(0), 0, "f/../g", &told), S_OK);
    CHECK_TEXT(told, wide(here("g/real.ptxt")));
    CHECK(names_with("f", "") == 0 && exists("g/real.ptxt"));
    CHECK_HR(decrypt("g/link.dat", &told), WIN32(ERROR_FILE_NOT_FOUND));
    REQUIRE(symlink("loop", "f/loop") == 0);
    CHECK(FAILED(encrypt("f/loop", &told)));
    /* Other hard links keep the old content. */
    put_text("f/one.txt", SECRET);
    REQUIRE(link("f/one.txt", "f/two.txt") == 0);
    CHECK_HR(encrypt("f/one.txt", &told), S_OK);
    CHECK(!exists("f/one.txt") && holds_text("f/two.txt", SECRET));
}
#endif

static void output_folders(void)
{
    LPCWSTR told;
    size_t count;
    const BYTE *bytes = real_document(&count);
    act_as(ALICE);
    fresh_folder("f");
    fresh_folder("g");
    put_text("f/a.txt", SECRET);
    /* The file's own folder. */
    CHECK_HR(encrypt_flags("f/a.txt", template_id(0), 0, "f", &told), S_OK);
    CHECK_TEXT(told, wide(here("f/a.ptxt")));
    /* Another one, with a slash at its end. */
    CHECK_HR(decrypt_flags("f/a.ptxt", 0, "g/", &told), S_OK);
    CHECK_TEXT(told, wide(here("g/a.txt")));
    CHECK(holds_text("g/a.txt", SECRET) && names_with("f", "") == 0 && names_with("g", "") == 1);
    /* A name that stays the same is told when the folder is another. */
    put_file("f/t.docx", bytes, count);
    CHECK_HR(encrypt_flags("f/t.docx", template_id(0), 0, "g", &told), S_OK);
    CHECK_TEXT(told, wide(here("g/t.docx")));
    CHECK(!exists("f/t.docx") && status_of("g/t.docx") == IPCF_FILE_STATUS_ENCRYPTED_CUSTOM);
    CHECK_HR(decrypt_flags("g/t.docx", 0, "f", &told), S_OK);
    CHECK(holds("f/t.docx", bytes, count) && !exists("g/t.docx"));
    /* Folders that are none. */
    put_text("f/a.txt", SECRET);
    CHECK_HR(encrypt_flags("f/a.txt", template_id(0), 0, "missing", &told), WIN32(ERROR_FILE_NOT_FOUND));
    CHECK_HR(encrypt_flags("f/a.txt", template_id(0), 0, "f/t.docx", &told), WIN32(ERROR_PATH_NOT_FOUND));
    CHECK_HR(encrypt_flags("f/a.txt", template_id(0), 0, "", &told), E_INVALIDARG);
#if defined(_WIN32)
    CHECK_HR(encrypt_flags("f/a.txt", template_id(0), 0, "C:/windows", &told), IPCERROR_FILE_SYSTEM_FILE);
#else
    CHECK_HR(encrypt_flags("f/a.txt", template_id(0), 0, "/dev", &told), IPCERROR_FILE_SYSTEM_FILE);
#endif
    CHECK(holds_text("f/a.txt", SECRET) && names_with("f", "") == 2);
    /* The output may be left out. */
    CHECK_HR(IpcfEncryptFile(W("f/a.txt"), (LPCVOID)template_id(0), IPCF_EF_TEMPLATE_ID, 0, NULL, NULL, NULL), S_OK);
    CHECK_HR(IpcfDecryptFile(W("f/a.ptxt"), 0, NULL, NULL, NULL), S_OK);
    CHECK(holds_text("f/a.txt", SECRET));
}

#if !defined(_WIN32)
static void folders_that_may_not_be_written(void)
{
    LPCWSTR told;
    act_as(ALICE);
    fresh_folder("f");
    fresh_folder("g");
    put_text("f/a.txt", SECRET);
    REQUIRE(chmod("g", 0500) == 0);
    CHECK_HR(encrypt_flags("f/a.txt", template_id(0), 0, "g", &told), E_ACCESSDENIED);
    CHECK(holds_text("f/a.txt", SECRET));
    REQUIRE(chmod("g", 0700) == 0 && chmod("f", 0500) == 0);
    /* Here the new file can be made but the old one not be removed: the new one goes again. */
    CHECK_HR(encrypt_flags("f/a.txt", template_id(0), 0, "g", &told), E_ACCESSDENIED);
    CHECK_TEXT(told, NULL);
    REQUIRE(chmod("f", 0700) == 0);
    CHECK(holds_text("f/a.txt", SECRET) && names_with("g", "") == 0);
    put_text("f/b.txt", SECRET);
    REQUIRE(chmod("f/b.txt", 0200) == 0);
    CHECK_HR(encrypt("f/b.txt", &told), E_ACCESSDENIED);
    REQUIRE(chmod("f/b.txt", 0600) == 0);
    CHECK(holds_text("f/b.txt", SECRET));
}

/* The administrator may write everywhere, so that account tries it as another one, which has a store of its own. */
static void folders_that_the_account_may_not_write(void)
{
    enum { NOBODY = 65534 };
    char folder[] = "/tmp/msipc-files-XXXXXX", home[64];
    int status = 0;
    pid_t child;
    if (geteuid() != 0) {
        folders_that_may_not_be_written();
        return;
    }
    REQUIRE(mkdtemp(folder) != NULL);
    snprintf(home, sizeof home, "%s/home", folder);
    REQUIRE(mkdir(home, 0700) == 0 && chown(folder, NOBODY, NOBODY) == 0 && chown(home, NOBODY, NOBODY) == 0);
    child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0 || chdir(folder) != 0 || setenv("MSIPC_HOME", home, 1) != 0)
            _exit(126);
        RUN(folders_that_may_not_be_written);
        exit(harness.failed == 0 && harness.passed == 1 ? 0 : 1); /* the library tidies up */
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    remove_tree(folder);
}
#endif

static void names_that_are_taken(void)
{
    LPCWSTR told;
    act_as(ALICE);
    fresh_folder("f");
    put_text("f/a.txt", SECRET);
    put_text("f/a.ptxt", "somebody else's");
    CHECK_HR(encrypt("f/a.txt", &told), WIN32(ERROR_FILE_EXISTS));
    CHECK_TEXT(told, NULL);
    CHECK(holds_text("f/a.txt", SECRET) && holds_text("f/a.ptxt", "somebody else's") && names_with("f", "") == 2);
    CHECK(unlink("f/a.ptxt") == 0);
#if !defined(_WIN32)
    /* Also by a link that leads nowhere: it would be written through. */
    CHECK(symlink("nowhere", "f/a.ptxt") == 0);
    CHECK_HR(encrypt("f/a.txt", &told), WIN32(ERROR_FILE_EXISTS));
    CHECK(!exists("f/nowhere") && unlink("f/a.ptxt") == 0);
#endif
    CHECK_HR(encrypt("f/a.txt", &told), S_OK);
    put_text("f/a.txt", "somebody else's");
    CHECK_HR(decrypt("f/a.ptxt", &told), WIN32(ERROR_FILE_EXISTS));
    CHECK(holds_text("f/a.txt", "somebody else's") && status_of("f/a.ptxt") == IPCF_FILE_STATUS_ENCRYPTED_CUSTOM);
}

static void files_that_are_refused(void)
{
    LPCWSTR told;
    DWORD status;
    PIPC_BUFFER license;
#if defined(_WIN32)
    const char *const devices[] = {"C:/windows/system32/kernel32.dll", "f"};
#else
    const char *const devices[] = {"/dev/null", "/dev/zero", "/proc/self/status", "f/pipe", "f"};
#endif
    size_t i;
    act_as(ALICE);
    fresh_folder("f");
#if !defined(_WIN32)
    REQUIRE(mkfifo("f/pipe", 0600) == 0);
#endif
    for (i = 0; i < COUNT(devices); i++) {
        CHECK_HR(encrypt(devices[i], &told), IPCERROR_FILE_SYSTEM_FILE);
        CHECK_TEXT(told, NULL);
        CHECK_HR(decrypt(devices[i], &told), IPCERROR_FILE_SYSTEM_FILE);
    }
#if !defined(_WIN32)
    CHECK(exists("/dev/null") && exists("f/pipe"));
    CHECK(status_of("/dev/null") == IPCF_FILE_STATUS_DECRYPTED);
#endif
    CHECK(FAILED(IpcfIsFileEncrypted(W("f"), &status)) && status == 0);
    put_text("f/a.txt", SECRET);
    REQUIRE(chmod("f/a.txt", 0444) == 0);
    CHECK_HR(encrypt("f/a.txt", &told), WIN32(ERROR_FILE_READ_ONLY));
    CHECK(holds_text("f/a.txt", SECRET) && !exists("f/a.ptxt"));
    REQUIRE(chmod("f/a.txt", 0600) == 0);
    CHECK_HR(encrypt("f/a.txt", &told), S_OK);
    REQUIRE(chmod("f/a.ptxt", 0444) == 0);
    CHECK_HR(decrypt("f/a.ptxt", &told), WIN32(ERROR_FILE_READ_ONLY));
    CHECK(status_of("f/a.ptxt") == IPCF_FILE_STATUS_ENCRYPTED_CUSTOM && !exists("f/a.txt"));
    CHECK_HR(encrypt("f/missing", &told), WIN32(ERROR_FILE_NOT_FOUND));
    CHECK_HR(encrypt("f/a.ptxt/more", &told), WIN32(ERROR_PATH_NOT_FOUND));
    CHECK_HR(decrypt("f/missing", &told), WIN32(ERROR_FILE_NOT_FOUND));
    CHECK_HR(IpcfIsFileEncrypted(W("f/missing"), &status), WIN32(ERROR_FILE_NOT_FOUND));
    CHECK_HR(IpcfGetEncryptedFilePath(W("f/missing"), 0, &told), WIN32(ERROR_FILE_NOT_FOUND));
    put_text("f/plain.txt", "tides");
    CHECK_HR(decrypt("f/plain.txt", &told), IPCERROR_FILE_IS_NOT_ENCRYPTED);
    CHECK_HR(IpcfGetDecryptedFilePath(W("f/plain.txt"), 0, &told), IPCERROR_FILE_IS_NOT_ENCRYPTED);
    CHECK_HR(IpcfGetSerializedLicenseFromFile(W("f/plain.txt"), &license), IPCERROR_FILE_IS_NOT_ENCRYPTED);
    CHECK(holds_text("f/plain.txt", "tides"));
}

#if !defined(_WIN32)
/* A folder whose name is no Unicode cannot be told in the path of the result: nothing is done there. */
static void folders_whose_name_is_no_text(void)
{
    char before[PATH_ROOM];
    LPCWSTR told;
    size_t count;
    const BYTE *bytes = real_document(&count);
    act_as(ALICE);
    fresh_folder("f");
    REQUIRE(getcwd(before, sizeof before) != NULL);
    rmdir("f/\xFF");
    REQUIRE(mkdir("f/\xFF", 0700) == 0 && chdir("f/\xFF") == 0);
    put_text("a.txt", SECRET);
    put_file("t.docx", bytes, count);
    CHECK_HR(encrypt("a.txt", &told), E_INVALIDARG);
    CHECK_TEXT(told, NULL);
    CHECK(holds_text("a.txt", SECRET) && !exists("a.ptxt"));
    CHECK_HR(IpcfGetEncryptedFilePath(W("a.txt"), 0, &told), E_INVALIDARG);
    /* A path that does not change need not be told. */
    CHECK_HR(encrypt("t.docx", &told), S_OK);
    CHECK_HR(decrypt("t.docx", &told), S_OK);
    CHECK(holds("t.docx", bytes, count));
    CHECK(unlink("a.txt") == 0 && unlink("t.docx") == 0);
    REQUIRE(chdir(before) == 0 && rmdir("f/\xFF") == 0);
}

static void mode_times_and_attributes_are_kept(void)
{
    static const char *const paths[][2] = {{"f/a.txt", "f/a.ptxt"}, {"f/t.docx", "f/t.docx"}};
    struct timespec times[2];
    struct stat found;
    uid_t owner = geteuid() == 0 ? 12345 : geteuid(); /* the administrator may give files away */
    size_t count, i;
    const BYTE *bytes = real_document(&count);
    char value[16];
    LPCWSTR told;
    act_as(ALICE);
    fresh_folder("f");
    put_text("f/a.txt", SECRET);
    put_file("f/t.docx", bytes, count);
    times[0].tv_sec = times[1].tv_sec = 1234567890;
    times[0].tv_nsec = times[1].tv_nsec = 500000000;
    for (i = 0; i < COUNT(paths); i++) {
        int attributes = setxattr(paths[i][0], "user.origin", "harbor", 6, 0) == 0;
        REQUIRE(chown(paths[i][0], owner, (gid_t)-1) == 0 && chmod(paths[i][0], 0640) == 0 && utimensat(AT_FDCWD, paths[i][0], times, 0) == 0);
        CHECK_HR(encrypt(paths[i][0], &told), S_OK);
        REQUIRE(stat(paths[i][1], &found) == 0);
        CHECK((found.st_mode & 07777) == 0640 && found.st_mtim.tv_sec == 1234567890 && found.st_mtim.tv_nsec == 500000000);
        CHECK(found.st_uid == owner);
        CHECK(!attributes || getxattr(paths[i][1], "user.origin", value, sizeof value) == 6);
        CHECK_HR(decrypt(paths[i][1], &told), S_OK);
        REQUIRE(stat(paths[i][0], &found) == 0);
        CHECK((found.st_mode & 07777) == 0640 && found.st_mtim.tv_sec == 1234567890 && found.st_uid == owner);
        CHECK(!attributes || (getxattr(paths[i][0], "user.origin", value, sizeof value) == 6 && memcmp(value, "harbor", 6) == 0));
    }
}
#endif

static void damaged_files_stay_as_they_are(void)
{
    static BYTE sealed[200000];
    static BYTE bytes[9000];
    size_t count, i, size;
    LPCWSTR told;
    const BYTE *document = real_document(&count);
    act_as(ALICE);
    fresh_folder("f");
    fill(bytes, sizeof bytes, 3);
    put_file("f/a.txt", bytes, sizeof bytes);
    CHECK_HR(encrypt("f/a.txt", &told), S_OK);
    size = copy_of("f/a.ptxt", sealed, sizeof sealed);
    /* The last block of content: everything before it is fine. */
    for (i = 0; i < 3; i++) {
        size_t length = i == 1 ? size - 1 : i == 2 ? size - 4124 : size;
        sealed[size - 300] ^= i == 0;
        put_file("f/a.ptxt", sealed, length);
        CHECK_HR(decrypt("f/a.ptxt", &told), WIN32(ERROR_FILE_CORRUPT));
        CHECK_TEXT(told, NULL);
        CHECK(holds("f/a.ptxt", sealed, length) && names_with("f", "") == 1);
        sealed[size - 300] ^= i == 0;
    }
    put_file("f/a.ptxt", sealed, size);
    CHECK_HR(decrypt("f/a.ptxt", &told), S_OK);
    put_file("f/t.docx", document, count);
    CHECK_HR(encrypt("f/t.docx", &told), S_OK);
    size = copy_of("f/t.docx", sealed, sizeof sealed);
    put_file("f/t.docx", sealed, size / 2);
    CHECK_HR(decrypt("f/t.docx", &told), WIN32(ERROR_FILE_CORRUPT));
    CHECK(holds("f/t.docx", sealed, size / 2) && names_with("f", ".") == 0);
}

enum { THREADS = 4 };

typedef struct {
    LPCWSTR id;
    LPCWSTR path;
    HRESULT result;
} Attempt;

static void *attempt(void *argument)
{
    Attempt *one = (Attempt *)argument;
    if (IpcxSetThreadIdentity(ALICE) == S_OK)
        one->result = one->id != NULL ? IpcfEncryptFile(one->path, (LPCVOID)one->id, IPCF_EF_TEMPLATE_ID, 0, NULL, NULL, NULL)
                                      : IpcfDecryptFile(one->path, 0, NULL, NULL, NULL);
    return NULL;
}

/* Of several that work on one file at once, one succeeds and the others are told; the file is complete. */
static void several_threads_on_one_file(void)
{
    static const char *const paths[][2] = {{"f/a.txt", "f/a.ptxt"}, {"f/t.docx", "f/t.docx"}};
    size_t count, i;
    int round, n;
    const BYTE *bytes = real_document(&count);
    act_as(ALICE);
    for (round = 0; round < rounds(40); round++)
        for (i = 0; i < COUNT(paths); i++) {
            pthread_t threads[THREADS];
            Attempt attempts[THREADS];
            LPCWSTR id = template_id(0);
            int done = 0, decrypting;
            if (i == 1 && in_wine()) /* which does not replace a file that is open, so that nobody may succeed */
                continue;
            fresh_folder("f");
            put_file(paths[i][0], bytes, count);
            for (decrypting = 0; decrypting < 2; decrypting++, done = 0) {
                for (n = 0; n < THREADS; n++) {
                    attempts[n].id = decrypting ? NULL : id;
                    attempts[n].path = wide(paths[i][decrypting]);
                    attempts[n].result = E_FAIL;
                    if (pthread_create(&threads[n], NULL, attempt, &attempts[n]) != 0)
                        abort();
                }
                for (n = 0; n < THREADS; n++)
                    pthread_join(threads[n], NULL);
                for (n = 0; n < THREADS; n++) {
                    HRESULT result = attempts[n].result;
                    int told = result == WIN32(ERROR_SHARING_VIOLATION) || result == WIN32(ERROR_FILE_NOT_FOUND) ||
                               result == WIN32(ERROR_FILE_EXISTS) || result == IPCERROR_FILE_IS_NOT_ENCRYPTED;
#if defined(_WIN32)
                    told |= result == E_ACCESSDENIED; /* while the file is being removed */
#endif
                    done += result == S_OK;
                    if (!CHECK(result == S_OK || told))
                        printf("    0x%08lX\n", (unsigned long)(DWORD)result);
                }
                /* A document that is protected already stays as it is, which is success too. */
                CHECK(i == 1 && !decrypting ? done >= 1 : done == 1);
                CHECK(names_with("f", "") == 1);
            }
            CHECK(holds(paths[i][0], bytes, count));
        }
}

/* Revokes a license in the middle of the work on it, as the one who protected the content. */
static HRESULT CALLBACK revoke_meanwhile(LPVOID context, DWORD64 done, DWORD64 total)
{
    const IPCX_REVOCATION *what = (const IPCX_REVOCATION *)context;
    (void)done;
    (void)total;
    act_as(ALICE);
    CHECK_HR(IpcxRevoke(what, NULL), S_OK);
    act_as(BOB);
    return S_OK;
}

/* What is revoked in between: the old file, or the new one and all of it. */
static void revoked_in_between(void)
{
    static BYTE long_one[900000], sealed[1 << 20];
    IPCX_REVOCATION what;
    IPC_KEY_HANDLE key = NULL;
    LPCWSTR told;
    PIPC_BUFFER license;
    HRESULT opened;
    size_t count;
    act_as(ALICE);
    fresh_folder("f");
    fill(long_one, sizeof long_one, 17);
    put_file("f/a.bin", long_one, sizeof long_one);
    CHECK_HR(encrypt_license("f/a.bin", license_for(BOB, "OWNER", 0), 0, &told), S_OK);
    license = license_of("f/a.bin.pfile");
    count = copy_of("f/a.bin.pfile", sealed, sizeof sealed);
    memset(&what, 0, sizeof what);
    what.cbSize = sizeof what;
    what.dwTarget = IPCX_REVOKE_LICENSE;
    what.pLicense = license;
    act_as(BOB);
    REQUIRE_OK(IpcxSetFileProgress(revoke_meanwhile, &what));
    opened = decrypt("f/a.bin.pfile", &told);
    REQUIRE_OK(IpcxSetFileProgress(NULL, NULL));
    if (opened == S_OK)
        CHECK(!exists("f/a.bin.pfile") && holds("f/a.bin", long_one, sizeof long_one));
    else
        CHECK(!exists("f/a.bin") && holds("f/a.bin.pfile", sealed, count));
    CHECK(names_with("f", "") == 1);
    CHECK(FAILED(IpcGetKey(license, 0, NULL, NULL, &key)) && key == NULL);
}

int main(void)
{
#if !defined(_WIN32)
    RUN(folders_that_the_account_may_not_write); /* first: the store is chosen at the first use */
#endif
    RUN(every_name_there_and_back);
    RUN(content_of_any_length);
    RUN(office_documents_keep_their_name);
    RUN(pdf_becomes_ppdf_unless_it_is_signed);
    RUN(content_that_is_not_what_its_name_says);
    if (!in_wine()) /* which does not find out where such a file lies */
        RUN(long_names);
#if !defined(_WIN32)
    RUN(links_and_roundabout_paths);
#endif
    RUN(output_folders);
    RUN(names_that_are_taken);
    RUN(files_that_are_refused);
#if !defined(_WIN32)
    RUN(folders_whose_name_is_no_text);
    RUN(mode_times_and_attributes_are_kept);
#endif
    RUN(damaged_files_stay_as_they_are);
    RUN(several_threads_on_one_file);
    RUN(revoked_in_between);
    return finish_tests();
}
