import process from 'node:process';

/** Where pictures of the pages are kept; undefined to throw them away. */
export const picturesFolder = process.env['PICTURES_FOLDER'] || undefined;
