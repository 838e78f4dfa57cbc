export { type RunningSystem, startAllInOne } from './all-in-one.ts';
