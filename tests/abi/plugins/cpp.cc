/* SPDX-License-Identifier: Apache-2.0 */
/* A filter in C++: counts the words of titles, with the library's containers and no exception past
 * the ABI. */
#include <cstddef>
#include <map>
#include <new>
#include <string>

#include "../../../plugin/winnow_plugin.h"

namespace
{

struct words {
    const wn_api *api;
    wn_host *host;
    std::map<std::string, int> seen;
    std::string reason;
};

int create(const wn_api *api, wn_host *host, void **self)
{
    words *f = new (std::nothrow) words{api, host, {}, {}};
    *self = f;
    return f ? WN_OK : WN_NOMEM;
}

void destroy(void *self)
{
    delete static_cast<words *>(self);
}

int judge(void *self, wn_item *item, wn_verdict *verdict)
try {
    words *f = static_cast<words *>(self);
    wn_str title = {nullptr, 0};
    if (f->api->str(item, WN_TITLE, 0, &title) != WN_OK)
        return WN_OK;
    int n = ++f->seen[std::string(title.ptr, title.len)];
    f->reason = "title seen " + std::to_string(n) + (n == 1 ? " time" : " times");
    verdict->reason = {f->reason.data(), f->reason.size()};
    return WN_OK;
} catch (...) {
    return WN_NOMEM;
}

int init(const wn_api *api, wn_host *host)
{
    static const wn_filter filter = {
        sizeof(wn_filter), "cpp",   nullptr, create,  destroy, nullptr, nullptr,
        nullptr,           nullptr, judge,   nullptr, nullptr, nullptr,
    };
    return api->add_filter(host, &filter);
}

} // namespace

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const wn_plugin plugin = {WN_ABI,       sizeof(wn_plugin), "cpp", "1",
                                     "Apache-2.0", "tests",           init};
    return host_abi >> 16 == WN_ABI_MAJOR ? &plugin : nullptr;
}
