import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { catalogueApi } from '@waybill/contracts/grpc';
import { GrpcCaller } from '../client/grpc-caller.ts';
import { localhostCertificate } from '../testing/localhost-certificate.ts';
import { ShelfServer } from '../testing/shelf-server.ts';

let server: ShelfServer;
let caller: GrpcCaller | undefined;
beforeEach(async () => {
  server = await ShelfServer.start({ certificate: localhostCertificate });
});
afterEach(async () => {
  caller?.close();
  await server.close();
});

const request = (scheme: string) => {
  const url = `${scheme}://${server.address}`;
  caller = new GrpcCaller({ api: catalogueApi, url, token: async () => 'friend' });
  return caller.call('FindProducts', { skus: ['MUG'] }, { deadline: 1_000 });
};

describe('gRPC with a certificate', () => {
  it('proves its name, and speaks HTTP/2 by TLS', async () => {
    const { hostname, port } = new URL(`grpc://${server.address}`);
    const socket = connect({
      host: hostname,
      port: Number(port),
      ca: localhostCertificate.cert,
      ALPNProtocols: ['h2'],
    });
    await new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject);
    });
    expect([socket.authorized, socket.alpnProtocol]).toEqual([true, 'h2']);
    socket.destroy();
  });

  it('is not asked by who does not trust it, and not in the clear', async () => {
    await expect(request('grpcs')).rejects.toMatchObject({ code: 'unavailable' });
    caller?.close();
    await expect(request('grpc')).rejects.toMatchObject({ code: 'unavailable' });
    expect(server.ended).toEqual([]);
  });
});
