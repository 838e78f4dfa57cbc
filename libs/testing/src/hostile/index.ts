export { badEscapes, headerValues, jsonValues, urlValues } from './hostile-values.ts';
export { spoilt } from './spoilt.ts';
