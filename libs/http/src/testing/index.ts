export { ada, type EdgeApp, edgeApp, namedTokens, operator, testSecret } from './edge-app.ts';
export { speak } from './speak.ts';
