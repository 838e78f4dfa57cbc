export { AppendLog, BrokenLog } from './append-log.ts';
