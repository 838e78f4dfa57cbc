import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiBody, ApiProduces, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { commonProblems, problemContent, problemsWith } from './problem.schema.ts';

/** Documents the status and the schema of a route's response; also sets the status. */
export const Answers = (status: number, schema: z.ZodType | null, description: string) =>
  applyDecorators(HttpCode(status), MayAnswer(status, schema, description));

/** Like `Answers`, for a status that the route sets itself. */
export const MayAnswer = (status: number, schema: z.ZodType | null, description: string) =>
  ApiResponse({
    status,
    description,
    ...(schema ? { standardSchema: schema as never } : {}),
  });

/** Documents a route that answers 200 with something other than JSON, in one of these media types. */
export const AnswersAs = (mediaTypes: string | readonly string[], description: string) => {
  const types = [mediaTypes].flat();
  return applyDecorators(
    HttpCode(200),
    ApiProduces(...types),
    ApiResponse({
      status: 200,
      description,
      content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }])),
    }),
  );
};

/** Documents the body of a route that validates it itself. */
export function Takes(schema: z.ZodType) {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input' });
  return ApiBody({ schema: shape as never });
}

/** Documents a problem of the route in addition to those that every route may return. */
export const Refuses = (status: number, ...codes: readonly string[]) =>
  ApiResponse({
    status,
    ...problemsWith(codes),
    // With a common status, a route may have codes of its own besides the common ones.
    ...(status in commonProblems ? { content: problemContent() } : {}),
  });
