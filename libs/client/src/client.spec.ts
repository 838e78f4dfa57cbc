import { describe, expect, it } from '@jest/globals';
import { createWaybillClient } from './client.ts';

const id = '01980000-0000-7000-8000-000000000001';
const problem = {
  type: 'about:blank',
  title: 'Not Found',
  status: 404,
  detail: 'no order',
  code: 'x',
};

/** A system that answers everything alike, and keeps what it was asked. */
function system(status: number, body: object) {
  const asked: Request[] = [];
  const fetch = async (request: Request) => {
    asked.push(request);
    return new Response(JSON.stringify(body), { status });
  };
  return { asked, fetch };
}

describe('the client', () => {
  it('sends what the document describes, and returns the body of a success', async () => {
    const { asked, fetch } = system(200, { id, status: 'confirmed' });
    const client = createWaybillClient({ baseUrl: 'http://shop', fetch });
    const { data } = await client.GET('/api/v1/orders/{id}', {
      params: { path: { id }, query: { wait: '5s' } },
    });
    expect(data?.status).toBe('confirmed');
    expect(asked[0]?.url).toBe(`http://shop/api/v1/orders/${id}?wait=5s`);
    expect(asked[0]?.headers.has('authorization')).toBe(false);
  });

  it('returns a problem as an error', async () => {
    const { fetch } = system(404, problem);
    const client = createWaybillClient({ baseUrl: 'http://shop', fetch });
    const { data, error } = await client.GET('/api/v1/orders/{id}', { params: { path: { id } } });
    expect([data, error?.code]).toEqual([undefined, 'x']);
  });

  it('asks a function for the token of each call', async () => {
    const tokens = ['first', 'second'];
    const { asked, fetch } = system(200, { items: [], nextCursor: null });
    const token = async () => tokens.shift() ?? '';
    const client = createWaybillClient({ baseUrl: 'http://shop', token, fetch });
    await client.GET('/api/v1/orders');
    await client.GET('/api/v1/orders');
    const sent = asked.map(({ headers }) => headers.get('authorization'));
    expect(sent).toEqual(['Bearer first', 'Bearer second']);
  });

  it('takes no path, parameter or body that is not documented', () => {
    const client = createWaybillClient({ baseUrl: 'http://shop' });
    const wrong = [
      // @ts-expect-error: there is no such path
      () => client.GET('/api/v1/order'),
      // @ts-expect-error: the path has an id
      () => client.GET('/api/v1/orders/{id}'),
      // @ts-expect-error: an order has lines
      () => client.POST('/api/v1/orders', { body: {} }),
    ];
    expect(wrong).toHaveLength(3);
  });
});
