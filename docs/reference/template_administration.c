/* Examples: making and changing templates, for administrators. */
#include "example.h"

/* example: IpcxPutTemplate */
/* A template "Board only": the group of the board may read, for 90 days. The caller frees the id. */
HRESULT make_board_template(LPCWSTR *id)
{
    LPCWSTR rights[] = {IPC_GENERIC_READ};
    IPC_USER_RIGHTS_LIST list;
    IPC_TEMPLATE_INFO text;
    IPCX_TEMPLATE value;

    memset(&list, 0, sizeof list);
    list.cbSize = sizeof list;
    list.cUserRights = 1;
    list.rgUserRights[0].User.dwType = IPC_USER_TYPE_EMAIL;
    list.rgUserRights[0].User.wszID = IPC_TEXT("board@contoso.example");
    list.rgUserRights[0].cRights = 1;
    list.rgUserRights[0].rgwszRights = rights;

    memset(&text, 0, sizeof text);
    text.lcid = 1033;
    text.wszName = IPC_TEXT("Board only");
    text.wszDescription = IPC_TEXT("The board may read this for 90 days.");

    memset(&value, 0, sizeof value);
    value.cbSize = sizeof value;
    value.cDescriptors = 1;
    value.rgDescriptors = &text;
    value.pUserRights = &list;
    value.dwExpiry = IPCX_EXPIRY_DAYS;
    value.dwExpiryDays = 90;
    value.dwOfflineDays = IPCX_OFFLINE_DAYS_DEFAULT;
    return IpcxPutTemplate(&value, NULL, id);
}
/* end */

/* example: IpcxGetTemplate */
/* Lets a template serve offline for one day only: what was read is changed and put back. */
HRESULT one_offline_day(LPCWSTR id)
{
    PCIPCX_TEMPLATE now = NULL;
    LPCWSTR same_id = NULL;
    HRESULT hr = IpcxGetTemplate(id, NULL, &now);
    if (SUCCEEDED(hr)) {
        IPCX_TEMPLATE changed = *now;
        changed.dwOfflineDays = 1;
        hr = IpcxPutTemplate(&changed, NULL, &same_id);
    }
    IpcFreeMemory((LPVOID)same_id);
    IpcFreeMemory((LPVOID)now);
    return hr;
}
/* end */

/* example: IpcxGetAllTemplates */
/* Prints all templates, also those that are hidden or offered to others. */
HRESULT list_all_templates(void)
{
    PCIPC_TIL templates = NULL;
    DWORD i;
    HRESULT hr = IpcxGetAllTemplates(0, NULL, &templates);
    for (i = 0; SUCCEEDED(hr) && i < templates->cTi; i++)
        show(templates->aTi[i].wszName);
    IpcFreeMemory((LPVOID)templates);
    return hr;
}
/* end */

/* example: IpcxSetTemplateEnabled */
/* Hides a template from people who protect; documents under it stay as they are. */
HRESULT hide_template(LPCWSTR id)
{
    return IpcxSetTemplateEnabled(id, FALSE, NULL);
}
/* end */

/* example: IpcxDeleteTemplate */
/* Deletes a template; its last policy goes on to decide about documents under it. */
HRESULT delete_template(LPCWSTR id)
{
    HRESULT hr = IpcxDeleteTemplate(id, 0, NULL);
    return hr == HRESULT_FROM_WIN32(ERROR_NOT_FOUND) ? S_OK : hr;
}
/* end */

/* example: IpcxExportTemplate */
/* Writes a template to a file. */
HRESULT write_template(LPCWSTR id, FILE *file)
{
    PIPC_BUFFER bytes = NULL;
    HRESULT hr = IpcxExportTemplate(id, NULL, &bytes);
    if (SUCCEEDED(hr) && fwrite(bytes->pvBuffer, 1, bytes->cbBuffer, file) != bytes->cbBuffer)
        hr = HRESULT_FROM_WIN32(ERROR_DISK_FULL);
    IpcFreeMemory(bytes);
    return hr;
}
/* end */

/* example: IpcxImportTemplate */
/* Takes over a template file, also from another organization. */
HRESULT take_template(BYTE *bytes, DWORD size)
{
    IPC_BUFFER file;
    LPCWSTR id = NULL;
    HRESULT hr;
    file.pvBuffer = bytes;
    file.cbBuffer = size;
    hr = IpcxImportTemplate(&file, IPCX_IMPORT_TEMPLATE_FOREIGN, NULL, &id);
    if (SUCCEEDED(hr))
        show(id);
    IpcFreeMemory((LPVOID)id);
    return hr;
}
/* end */

/* example: IpcxCreateDefaultTemplates */
/* Adds the default templates with the rights that they gave until 2017. */
HRESULT add_old_defaults(void)
{
    return IpcxCreateDefaultTemplates(IPCX_DEFAULT_TEMPLATES_BEFORE_2017, NULL);
}
/* end */
