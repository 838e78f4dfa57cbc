export { MemoryKeys } from './memory-keys.ts';
