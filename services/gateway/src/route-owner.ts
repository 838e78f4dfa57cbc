import type { RouteTable } from '@waybill/http';

interface Owner {
  readonly routes: Pick<RouteTable, 'all' | 'serves'>;
}

/**
 * Finds the owner of a path: by its first three segments, or those before the first parameter, and by the whole path
 * if several owners share these.
 */
export class RouteOwners<O extends Owner> {
  private readonly byPrefix = new Map<string, O[]>();

  /** An earlier owner wins if two serve the same path; the first one gets every path with an unknown prefix. */
  constructor(private readonly owners: readonly [O, ...O[]]) {
    for (const owner of owners) {
      for (const { path } of owner.routes.all()) this.add(prefixOf(path), owner);
    }
  }

  ownerOf(path: string): O {
    const known = this.knownBy(prefixOf(path));
    if (!known) return this.owners[0];
    if (known.length === 1) return known[0] ?? this.owners[0];
    return known.find((owner) => owner.routes.serves(path)) ?? known.at(-1) ?? this.owners[0];
  }

  private knownBy(prefix: string): O[] | undefined {
    const known = this.byPrefix.get(prefix);
    if (known) return known;
    for (let end = prefix.length; end > 0; end = prefix.lastIndexOf('/', end - 1)) {
      const open = this.byPrefix.get(`${prefix.slice(0, end)}${parameter}`);
      if (open) return open;
    }
    return undefined;
  }

  private add(full: string, owner: O): void {
    const at = full.indexOf(parameter);
    const prefix = at < 0 ? full : full.slice(0, at + parameter.length);
    const known = this.byPrefix.get(prefix) ?? [];
    if (!known.includes(owner)) known.push(owner);
    this.byPrefix.set(prefix, known);
  }
}

/** The start of a parameter in a route's path. */
const parameter = '/:';

/** `/api/v1/orders` of `/api/v1/orders/17/events`. */
function prefixOf(path: string): string {
  let end = 0;
  for (let parts = 0; parts < 3; parts += 1) {
    const next = path.indexOf('/', end + 1);
    if (next < 0) return path;
    end = next;
  }
  return path.slice(0, end);
}
