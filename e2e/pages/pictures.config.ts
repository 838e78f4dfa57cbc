import process from 'node:process';

/** Where pictures of the pages are kept; undefined to throw them away. */
export const picturesFolder = process.env['PICTURES_FOLDER'] || undefined;

/** Milliseconds of traffic before the picture of the console, whose charts show the last minutes. */
export const trafficBefore = picturesFolder === undefined ? 4_000 : 150_000;
