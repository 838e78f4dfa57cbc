import { revealing } from '@waybill/http';
import { z } from 'zod';

export const exportFileQuery = z.strictObject(revealing);
export type ExportFileQuery = z.output<typeof exportFileQuery>;
