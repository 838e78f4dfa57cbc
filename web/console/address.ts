/** What the page is about: the last part of its path. */
export const idOfPage = (): string => decodeURIComponent(location.pathname.split('/').at(-1) ?? '');

/** A filter in the query of the page; undefined if it is left out. */
export const filterOfPage = (name: string): string | undefined =>
  new URLSearchParams(location.search).get(name) || undefined;

/** The address of the page of one item. */
export const linkTo = (list: string, id: string): string =>
  `/console/${list}/${encodeURIComponent(id)}`;
