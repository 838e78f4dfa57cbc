import { type ApiDocument, problemContent } from '@waybill/http';

type Item = ApiDocument['paths'][string];

/** The API of services in other processes: a route that may answer 503 may also answer 504 there. */
export function behindHop(document: ApiDocument): ApiDocument {
  const paths = Object.entries(document.paths).map(([path, item]) => [
    path,
    path.startsWith('/api/') ? late(item) : item,
  ]);
  return { ...document, paths: Object.fromEntries(paths) };
}

const late = (item: Item): Item =>
  Object.fromEntries(
    Object.entries(item).map(([method, operation]: [string, NonNullable<Item['get']>]) => [
      method,
      '503' in operation.responses
        ? { ...operation, responses: { ...operation.responses, 504: tooLate } }
        : operation,
    ]),
  );

const tooLate = {
  description: '`no_answer_in_time`; what was asked may still be done',
  content: problemContent(['no_answer_in_time']),
};
