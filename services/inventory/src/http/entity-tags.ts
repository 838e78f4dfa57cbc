import { ApiHeader } from '@nestjs/swagger';
import { Problem } from '@waybill/http';
import type { Precondition } from '../domain/precondition.ts';
import { mostTags } from '../messages/inventory.local.ts';

/** Documents the header of a change that is made only at the revision that the caller has read. */
export const IfMatch = ApiHeader({
  name: 'If-Match',
  required: false,
  description: 'Entity tags of the product; another revision is a 412 problem',
  schema: { type: 'string' },
});

const ofRevision = /^(?:W\/)?"(\d{1,9})(?:\.\d{1,16})?"$/;

/**
 * The entity tag of a product as it is shown. The available units are part of it, because they change without a new revision; a
 * precondition compares the revision only.
 */
export const entityTagOf = (revision: number, available: number): string =>
  `"${revision}.${available}"`;

/** Whether `If-None-Match` contains the tag; a proxy may have marked it as weak. */
export const isKnown = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((each) => ['*', etag].includes(each.trim().replace(/^W\//, '')));

/** What the headers of a change expect of the product; undefined without them. */
export function preconditionOf(
  ifMatch: string | undefined,
  ifNoneMatch?: string,
): Precondition | undefined {
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === '*' && ifMatch === undefined) return { is: 'absent' };
    throw invalid('If-None-Match', 'is * here, and comes without If-Match');
  }
  if (ifMatch === undefined) return undefined;
  const tags = ifMatch.split(',').map((each) => each.trim());
  if (tags.includes('*')) return { is: 'present' };
  if (tags.length > mostTags) throw invalid('If-Match', `has at most ${mostTags} entity tags`);
  const among = tags.flatMap((tag) => {
    const [, revision] = ofRevision.exec(tag) ?? [];
    return revision === undefined ? [] : [Number(revision)];
  });
  return { is: 'revision', among };
}

const invalid = (header: string, message: string): Problem =>
  new Problem(400, 'invalid_request', `${header} ${message}`, {
    errors: [{ path: `/${header}`, message }],
  });
