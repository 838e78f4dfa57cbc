import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiBody, ApiProduces, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { commonProblems, problemContent } from './problem.schema.ts';

/** The status and the shape of a route's answer, for the API document; also sets the status. */
export const Answers = (status: number, schema: z.ZodType | null, description: string) =>
  applyDecorators(HttpCode(status), MayAnswer(status, schema, description));

/** As `Answers`, for a status that the route sets itself. */
export const MayAnswer = (status: number, schema: z.ZodType | null, description: string) =>
  ApiResponse({
    status,
    description,
    ...(schema ? { standardSchema: schema as never } : {}),
  });

/** The route answers 200 with something that is not JSON, for the API document. */
export const AnswersAs = (mediaType: string, description: string) =>
  applyDecorators(
    HttpCode(200),
    ApiProduces(mediaType),
    ApiResponse({
      status: 200,
      description,
      content: { [mediaType]: { schema: { type: 'string' } } },
    }),
  );

/** The body of a route that checks it by itself, for the API document. */
export function Takes(schema: z.ZodType) {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input' });
  return ApiBody({ schema: shape as never });
}

/** A problem that the route may answer beyond those that every route may, for the API document. */
export const Refuses = (status: number, ...codes: readonly string[]) =>
  ApiResponse({
    status,
    description: codes.map((code) => `\`${code}\``).join(', '),
    // Routes have codes of their own beside the common ones of a status.
    content: problemContent(status in commonProblems ? undefined : codes),
  });
