import type { JSX } from 'preact';

/** In place of what a page shows, when it cannot be shown; nothing while it is still read. */
export function Missing({ what, why }: { what: string; why: string | null }): JSX.Element {
  if (why === null) return <p aria-busy="true" />;
  return (
    <>
      <h1>{what} cannot be shown</h1>
      <p role="alert" class="sentence">
        {why}
      </p>
      <p>
        <a href="/">To the products</a>
      </p>
    </>
  );
}
