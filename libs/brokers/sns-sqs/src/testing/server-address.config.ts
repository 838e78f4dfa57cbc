/** Where tests find SNS and SQS: `AWS_ENDPOINT_URL`, else where the emulator listens by default. */
export const serverAddress = process.env['AWS_ENDPOINT_URL'] ?? 'http://127.0.0.1:4566';

/** What an emulator asks for and does not look at. */
export const access = {
  region: process.env['AWS_REGION'] ?? 'eu-central-1',
  credentials: {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'waybill',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'waybill',
  },
};
