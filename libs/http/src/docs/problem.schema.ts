import { problemType } from '../problem.ts';

/** The component `Problem` of every API document. */
export const problemSchema = {
  type: 'object',
  description: 'What went wrong (RFC 9457)',
  additionalProperties: false,
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', example: 'urn:waybill:problem:invalid_request' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Never changes; for programs' },
    correlationId: { type: 'string', description: 'Stands in the log beside the cause' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['path', 'message'],
        properties: {
          path: { type: 'string', description: 'JSON pointer to the field' },
          message: { type: 'string' },
        },
      },
    },
  },
} as const;

/** Problems that many routes may return, by status. */
export const commonProblems = {
  400: 'Malformed: JSON, URL, types, ranges, unknown properties',
  401: 'No valid token',
  413: 'The body is too large',
  414: 'A part of the path is too long',
  415: 'The body is not application/json in UTF-8, or has a Content-Encoding',
  429: 'Too many requests; try again after Retry-After',
  503: 'Away or overloaded; try again after Retry-After',
} as const;

const mediaType = problemType.split(';')[0] as string;
const problem = { $ref: '#/components/schemas/Problem' };

/** A problem as response content: with one of `codes`, or with any code. */
export const problemContent = (codes?: readonly string[]) => ({
  [mediaType]: {
    schema: codes
      ? { allOf: [problem, { properties: { code: { enum: [...codes] } } }] }
      : { ...problem },
  },
});

/** A documented response with one of these problems. */
export const problemsWith = (codes: readonly string[]) => ({
  description: codes.map((code) => `\`${code}\``).join(', '),
  content: problemContent(codes),
});

/** The codes of a documented response; none if it lists none. */
export function codesOf(response: unknown): readonly string[] {
  const { content } = (response ?? {}) as { content?: ReturnType<typeof problemContent> };
  const parts = content?.[mediaType]?.schema.allOf ?? [];
  return parts.flatMap((part) => ('properties' in part ? part.properties.code.enum : []));
}
