/** Encodes a part of a token. */
export const part = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');
/** Decodes a token without verifying its signature. */
export const partsOf = (token: string): { header: object; claims: object } => {
  const [header = '', claims = ''] = token.split('.');
  const read = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as object;
  return { header: read(header), claims: read(claims) };
};

/** The token with the algorithm `none` and no signature. */
export function unsigned(token: string): string {
  const { header, claims } = partsOf(token);
  return `${part({ ...header, alg: 'none' })}.${part(claims)}.`;
}

/** The token with other claims under its old signature. */
export function tampered(token: string, claims: object): string {
  const [header = '', , signature = ''] = token.split('.');
  return `${header}.${part({ ...partsOf(token).claims, ...claims })}.${signature}`;
}
