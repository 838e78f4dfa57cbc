/** The issuer that tokens of this system name, unless an issuer of others signs users in. */
export const ownIssuer = 'urn:waybill:issuer';
