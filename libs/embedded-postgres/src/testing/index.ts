export { endWithUs } from './end-with-us.ts';
export { eventually } from './eventually.ts';
