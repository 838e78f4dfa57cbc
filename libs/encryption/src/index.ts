export { keyBytes } from './compact-jwe.ts';
export { DataKeys, type KeySource } from './data-keys.ts';
export { KeysUnavailable, SubjectErased, UnreadableValue } from './errors.ts';
export { type Encrypt, FieldCipher } from './field-cipher.ts';
export { MasterKey, shortestMasterKey } from './master-key.ts';
export { type DataKey, SubjectKeys } from './subject-keys.ts';
