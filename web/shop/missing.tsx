import type { ComponentChildren, JSX } from 'preact';

/** In place of what a page shows, when it cannot be shown; nothing while it is still read. */
export function Missing({
  what,
  why,
  children = <a href="/">To the products</a>,
}: {
  what: string;
  why: string | null;
  /** The way back. */
  children?: ComponentChildren;
}): JSX.Element {
  if (why === null) return <p aria-busy="true" />;
  return (
    <>
      <h1>{what} cannot be shown</h1>
      <p role="alert" class="sentence">
        {why}
      </p>
      <p>{children}</p>
    </>
  );
}
