#pragma once

#include <curl/curl.h>

#include <string>

#include "fetch/http_client.h"

namespace eider::fetch {

// Makes libcurl ready, once. Any thread.
void StartCurl();

// Sets what every request has: where it goes, its method, headers and body, which `handle` does not copy; no proxy, no
// other protocol than HTTP, no redirect, no signal.
void SetRequestOptions(CURL* handle, const Request& request, const std::string& url, curl_slist* headers);

}  // namespace eider::fetch
