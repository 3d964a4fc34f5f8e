#include "ptx.h"
#include "driver.h"
#include <cstdlib>
#include <cstring>
#include <regex>

namespace softcuda::ptx {
namespace {

constexpr double NEWEST_VERSION = 8.5; /* of CUDA 12.6 */

size_t bytes_of_type(const std::string &type) { return size_t(atoi(type.c_str() + 1)) / 8; }

/* ".param .align 8 .b8 name[24]" and ".param .u64 name"; likewise after ".shared" */
size_t bytes_of(const std::string &declaration)
{
    static const std::regex pattern(R"(\.([busf](?:8|16|32|64))(?:x2)?\s+[\w$%]+\s*(?:\[(\d*)\])?)");
    std::smatch match;
    if (!std::regex_search(declaration, match, pattern)) {
        return 0;
    }
    size_t count = match[2].matched && match[2].length() > 0 ? size_t(atol(match[2].str().c_str())) : 1;
    return bytes_of_type(match[1].str()) * count;
}

size_t end_of_body(const std::string &text, size_t open)
{
    int depth = 0;
    for (size_t i = open; i < text.size(); i++) {
        depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
        if (depth == 0) {
            return i;
        }
    }
    return text.size();
}

} // namespace

int check(const char *image)
{
    const char *version = strstr(image, ".version");
    const char *target = strstr(image, ".target");
    if (version == nullptr || target == nullptr) {
        return INVALID_IMAGE;
    }
    if (strtod(version + 8, nullptr) > NEWEST_VERSION) {
        return UNSUPPORTED_PTX_VERSION;
    }
    const char *architecture = strstr(target, "sm_");
    if (architecture == nullptr || strstr(target, ".address_size") == nullptr) {
        return INVALID_PTX;
    }
    int device = control().compute_capability == 0 ? 90 : int(control().compute_capability);
    return atoi(architecture + 3) > device ? NO_BINARY_FOR_GPU : SUCCESS;
}

bool find(const std::string &text, const std::string &name, Entry &entry)
{
    size_t begin = text.find(".entry " + name);
    while (begin != std::string::npos && strchr(" (\n\t", text[begin + 7 + name.size()]) == nullptr) {
        begin = text.find(".entry " + name, begin + 1);
    }
    if (begin == std::string::npos) {
        return false;
    }
    size_t open = text.find('{', begin);
    std::string head = text.substr(begin, open - begin);
    std::string body = text.substr(open, end_of_body(text, open) - open);
    for (size_t p = head.find(".param"); p != std::string::npos; p = head.find(".param", p + 1)) {
        entry.parameters.push_back(bytes_of(head.substr(p, head.find_first_of(",)", p) - p)));
    }
    for (size_t p = body.find(".shared ."); p != std::string::npos; p = body.find(".shared .", p + 1)) {
        entry.shared += unsigned(bytes_of(body.substr(p, body.find(';', p) - p)));
    }
    static const std::regex limit(R"(\.maxntid\s+(\d+)(?:\s*,\s*(\d+))?(?:\s*,\s*(\d+))?)");
    std::smatch match;
    if (std::regex_search(head, match, limit)) {
        entry.max_threads = 1;
        for (size_t i = 1; i < match.size(); i++) {
            entry.max_threads *= match[i].matched ? unsigned(atoi(match[i].str().c_str())) : 1;
        }
    }
    return true;
}

} // namespace softcuda::ptx
