#include "sources/azure_secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eider::sources {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kEverywhere[] = ", SCOPE ('azure://', 'az://', 'abfss://', 'abfs://'))";
constexpr char kBlobsOnly[] = ", SCOPE ('azure://', 'az://'))";
constexpr char kKey[] = "c2VjcmV0LWtleQ==";
constexpr char kSignature[] = "sv=2020-08-04&sp=rl&sig=c2lnbmF0dXJl%3D";
constexpr char kPrincipal[] = "TenantId=tenant;ClientId=client;ClientSecret=hush";

ObjectStorage Azure(const std::string& secret = kKey) {
  ObjectStorage storage;
  storage.name = "the store";
  storage.type = "azure";
  storage.key = "acc";
  storage.secret = secret;
  return storage;
}

std::string SqlOf(const ObjectStorage& storage) {
  const auto sql = AzureSecretSql(storage);
  EXPECT_TRUE(sql) << sql.error().message;
  return sql ? *sql : "";
}

std::string RefusalOf(const ObjectStorage& storage) {
  const auto sql = AzureSecretSql(storage);
  EXPECT_FALSE(sql) << *sql;
  if (sql) return "";
  EXPECT_EQ(sql.error().code, ErrorCode::kBadInput);
  EXPECT_THAT(sql.error().message, Not(HasSubstr(storage.secret)));
  return sql.error().message;
}

// The connection string of an account with its key at `endpoint`.
std::string PlaceOf(const std::string& endpoint, const std::string& url_style, bool use_ssl = true) {
  ObjectStorage storage = Azure();
  storage.endpoint = endpoint;
  storage.url_style = url_style;
  storage.use_ssl = use_ssl;
  const std::string sql = SqlOf(storage);
  const std::string before = "AccountKey=" + std::string(kKey) + ";";
  const std::size_t from = sql.find(before) + before.size();
  return sql.substr(from, sql.find('\'', from) - from);
}

TEST(AzureSecret, AccountAndKey) {
  EXPECT_EQ(SqlOf(Azure()),
            "CREATE OR REPLACE TEMPORARY SECRET \"the store\" (TYPE azure, PROVIDER config, CONNECTION_STRING "
            "'AccountName=acc;AccountKey=c2VjcmV0LWtleQ==;DefaultEndpointsProtocol=https'" +
                std::string(kEverywhere));
}

TEST(AzureSecret, Endpoints) {
  EXPECT_EQ(PlaceOf("", "", false), "DefaultEndpointsProtocol=http");
  EXPECT_EQ(PlaceOf("", "vhost"), "DefaultEndpointsProtocol=https");
  EXPECT_EQ(PlaceOf("127.0.0.1:10000", "path", false), "BlobEndpoint=http://127.0.0.1:10000/acc");
  EXPECT_EQ(PlaceOf("127.0.0.1:10000/", "path", false), "BlobEndpoint=http://127.0.0.1:10000/acc");
  EXPECT_EQ(PlaceOf("127.0.0.1:10000/acc", "path", false), "BlobEndpoint=http://127.0.0.1:10000/acc");
  EXPECT_EQ(PlaceOf("127.0.0.1:10000/acc", ""), "BlobEndpoint=https://127.0.0.1:10000/acc");
  EXPECT_EQ(PlaceOf("blobs.example.com", ""), "BlobEndpoint=https://blobs.example.com");
  EXPECT_EQ(PlaceOf("example.com:8443", "vhost"), "BlobEndpoint=https://acc.example.com:8443");
  EXPECT_EQ(PlaceOf("acc.example.com", "vhost"), "BlobEndpoint=https://acc.example.com");
  for (const char* style : {"", "vhost"}) {
    EXPECT_EQ(PlaceOf("blob.core.chinacloudapi.cn", style),
              "DefaultEndpointsProtocol=https;EndpointSuffix=core.chinacloudapi.cn");
    EXPECT_EQ(PlaceOf("acc.blob.core.chinacloudapi.cn", style),
              "DefaultEndpointsProtocol=https;EndpointSuffix=core.chinacloudapi.cn");
  }
}

TEST(AzureSecret, SignaturesAndPublicContainers) {
  const std::string meant = "'AccountName=acc;SharedAccessSignature=" + std::string(kSignature) + ";Default";
  EXPECT_THAT(SqlOf(Azure(kSignature)), HasSubstr(meant));
  EXPECT_THAT(SqlOf(Azure("?" + std::string(kSignature))), HasSubstr(meant));
  EXPECT_THAT(SqlOf(Azure("")), HasSubstr("'AccountName=acc;DefaultEndpointsProtocol=https'"));
}

TEST(AzureSecret, ConnectionStrings) {
  ObjectStorage storage = Azure("AccountName=acc;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net");
  for (const char* account : {"", "acc"}) {
    storage.key = account;
    EXPECT_THAT(SqlOf(storage), AllOf(HasSubstr("CONNECTION_STRING '" + storage.secret + "'"), HasSubstr(kEverywhere)));
  }
  storage.key = "other";
  EXPECT_THAT(RefusalOf(storage), HasSubstr("leave the key empty"));
  storage.key = "";
  storage.use_ssl = false;
  EXPECT_THAT(RefusalOf(storage), HasSubstr("the string says them"));
  storage = Azure("BlobEndpoint=https://acc.blob.core.windows.net;SharedAccessSignature=sig=x");
  EXPECT_THAT(SqlOf(storage), HasSubstr("'AccountName=acc;BlobEndpoint="));
  storage.key = "";
  EXPECT_THAT(SqlOf(storage), HasSubstr("CONNECTION_STRING 'BlobEndpoint="));
  storage.secret = "AccountKey=c2VjcmV0";
  EXPECT_THAT(RefusalOf(storage), HasSubstr("needs AccountName or BlobEndpoint"));
}

TEST(AzureSecret, Principals) {
  ObjectStorage storage = Azure(kPrincipal);
  const std::string sql =
      "PROVIDER service_principal, ACCOUNT_NAME 'acc', TENANT_ID 'tenant', CLIENT_ID 'client', CLIENT_SECRET 'hush'";
  EXPECT_THAT(SqlOf(storage), HasSubstr(sql + kEverywhere));
  storage.endpoint = "blob.core.usgovcloudapi.net";
  EXPECT_THAT(SqlOf(storage), HasSubstr(sql + ", ENDPOINT 'blob.core.usgovcloudapi.net'" + kBlobsOnly));
  storage.url_style = "path";
  EXPECT_THAT(RefusalOf(storage), HasSubstr("without url_style"));
  storage = Azure(kPrincipal);
  storage.use_ssl = false;
  EXPECT_THAT(RefusalOf(storage), HasSubstr("HTTPS only"));
  EXPECT_THAT(RefusalOf(Azure("TenantId=tenant;ClientId=client")), HasSubstr("TenantId, ClientId, ClientSecret"));
  EXPECT_THAT(RefusalOf(Azure("TenantId=tenant;ClientId=client;ClientSecret=")), HasSubstr("the ClientSecret"));
}

TEST(AzureSecret, Scopes) {
  ObjectStorage storage = Azure();
  for (const char* scheme : {"azure://", "az://", "abfss://", "abfs://"}) {
    storage.scope = std::string(scheme) + "box/a";
    EXPECT_THAT(SqlOf(storage), HasSubstr(", SCOPE ('azure://box/a', 'az://box/a', 'abfss://box/a', 'abfs://box/a'))"));
  }
  storage.scope = "s3://box";
  EXPECT_THAT(RefusalOf(storage), HasSubstr("takes a scope at azure://"));
  storage.scope = "azure://box";
  storage.endpoint = "127.0.0.1:1";
  EXPECT_THAT(SqlOf(storage), HasSubstr(", SCOPE ('azure://box', 'az://box'))"));
  storage.scope = "abfss://box";
  EXPECT_THAT(RefusalOf(storage), HasSubstr("with an endpoint of its own"));
}

TEST(AzureSecret, WhatCannotBeAppliedIsRefused) {
  const auto with = [](auto change) {
    ObjectStorage storage = Azure();
    change(storage);
    return RefusalOf(storage);
  };
  EXPECT_THAT(with([](auto& s) { s.region = "eu"; }), HasSubstr("takes no region: leave it empty"));
  EXPECT_THAT(with([](auto& s) { s.kms_key_id = "k"; }), HasSubstr("takes no kms_key_id"));
  EXPECT_THAT(with([](auto& s) { s.account_id = "7"; }), HasSubstr("takes no account_id"));
  EXPECT_THAT(with([](auto& s) { s.url_compatibility = true; }), HasSubstr("takes no url_compatibility"));
  EXPECT_THAT(with([](auto& s) { s.url_style = "best"; }), HasSubstr("takes the url_style"));
  EXPECT_THAT(with([](auto& s) { s.url_style = "path"; }), HasSubstr("needs an endpoint"));
  EXPECT_THAT(with([](auto& s) { s.endpoint = "host;AccountKey=x"; }), HasSubstr("takes as endpoint a host"));
  EXPECT_THAT(with([](auto& s) { s.key = ""; }), HasSubstr("needs the account's name as key"));
  EXPECT_THAT(with([](auto& s) { s.key = "a;b"; }), HasSubstr("needs the account's name as key"));
  EXPECT_THAT(with([](auto& s) { s.secret = "not base64!"; }), HasSubstr("the account's key in base64"));
  EXPECT_THAT(with([](auto& s) { s.secret = "c2VjcmV0LWtleQ"; }), HasSubstr("the account's key in base64"));
}

TEST(AzureSecret, PartsThatAreSecretToo) {
  using testing::ElementsAre;
  EXPECT_THAT(AzureSecretParts(kPrincipal), ElementsAre("hush"));
  EXPECT_THAT(AzureSecretParts("AccountName=a;AccountKey=eA==;SharedAccessSignature=sv=1"),
              ElementsAre("eA==", "sv=1"));
  EXPECT_THAT(AzureSecretParts(kSignature), ElementsAre("c2lnbmF0dXJl%3D"));
}

}  // namespace
}  // namespace eider::sources
