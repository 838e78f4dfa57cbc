export { ada, type EdgeApp, edgeApp, namedTokens, operator, testSecret } from './edge-app.ts';
export { MemoryStorage } from './memory-storage.ts';
export { speak } from './speak.ts';
