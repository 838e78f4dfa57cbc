/** A self-signed certificate for `localhost` and 127.0.0.1, which is also its own CA. Valid until 2126; for tests only. */
export const localhostCertificate = {
  cert: Buffer.from(`-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUNy8hCcO3lelhboepJzvnMFBU83gwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODE0MDczN1oYDzIxMjYxMTA0
MTQwNzM3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATZRYRzpsScpr9nrVsptastprMxUEQv16jIi9/U0jC/2UDmuKxNTnBz
vHe47Rk5DutW1hZsHVgiuqsFMudzmo+9o28wbTAdBgNVHQ4EFgQUP/QtsQq0as1X
1zZgvPr55938QzAwHwYDVR0jBBgwFoAUP/QtsQq0as1X1zZgvPr55938QzAwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgW5jTsZCZQyZFp+Cxr5KrK8gfwkwySDnod1lAXA5BmQkCIHxz
M8OI5nyfrkAPMPmEwFK7hjejqCJqQe2392mzWd4W
-----END CERTIFICATE-----
`),
  key: Buffer.from(`-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDc4eUX/5CNXpZBdL
5HKxE/qt4b3CjjFr4+s/W0AgyVuhRANCAATZRYRzpsScpr9nrVsptastprMxUEQv
16jIi9/U0jC/2UDmuKxNTnBzvHe47Rk5DutW1hZsHVgiuqsFMudzmo+9
-----END PRIVATE KEY-----
`),
};
