/** Where tests find SNS and SQS: `AWS_ENDPOINT_URL`, else the default address of the emulator. */
export const serverAddress = process.env['AWS_ENDPOINT_URL'] ?? 'http://127.0.0.1:4566';

/** Required by an emulator, but not checked. */
export const access = {
  region: process.env['AWS_REGION'] ?? 'eu-central-1',
  credentials: {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'waybill',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'waybill',
  },
};
