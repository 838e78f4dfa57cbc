export { AppendLog } from './append-log.ts';
