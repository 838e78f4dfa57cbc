import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { problemType } from '../http/problem.ts';

/** The status and the shape of a route's answer, for the API document; also sets the status. */
export const Answers = (status: number, schema: z.ZodType | null, description: string) =>
  applyDecorators(
    HttpCode(status),
    ApiResponse({
      status,
      description,
      ...(schema ? { standardSchema: schema as never } : {}),
    }),
  );

/** A problem that the route may answer beyond those that every route may, for the API document. */
export const Refuses = (status: number, ...codes: readonly string[]) =>
  ApiResponse({
    status,
    description: codes.map((code) => `\`${code}\``).join(', '),
    content: {
      [problemType.split(';')[0] as string]: { schema: { $ref: '#/components/schemas/Problem' } },
    },
  });
