// quiche asks a server: client.mjs MODULE HOST PORT FOLDER CASE. Every answer is compared with the
// file in FOLDER. Exits 0 if all is right.
import { readFileSync } from 'node:fs';

const [modulePath, host, port, folder, what] = process.argv.slice(2);
const { connectAsync } = await import(modulePath);
const authority = `localhost:${port}`;
const options = {
  rejectUnauthorized: false, runtimeMode: 'portable', servername: 'localhost',
  initialMaxData: 64 << 20, initialMaxStreamDataBidiLocal: 16 << 20, allow0RTT: true,
};

function fetchPath(session, path, method = 'GET') {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': method, ':path': path, ':authority': authority, ':scheme': 'https',
    }, { endStream: true });
    const pieces = [];
    let status = 0;
    let headers = {};
    stream.on('response', (found) => { headers = found; status = Number(found[':status']); });
    stream.on('data', (piece) => pieces.push(piece));
    stream.on('end', () => resolve({ status, headers, body: Buffer.concat(pieces) }));
    stream.on('error', reject);
  });
}

async function same(session, path) {
  const { status, body } = await fetchPath(session, path);
  const wanted = readFileSync(folder + path);
  if (status !== 200) throw new Error(`${path}: status ${status}`);
  if (!body.equals(wanted)) throw new Error(`${path}: ${body.length} of ${wanted.length} bytes`);
}

const connect = (more = {}) => connectAsync(`https://${host}:${port}`, { ...options, ...more });
const CASES = {
  async get() {
    const session = await connect();
    await same(session, '/small.txt');
    await same(session, '/medium.bin');
  },
  async head() {
    const session = await connect();
    const { status, headers, body } = await fetchPath(session, '/medium.bin', 'HEAD');
    if (status !== 200 || body.length !== 0) throw new Error(`${status}, ${body.length} bytes`);
    if (headers['content-length'] !== '1048576') throw new Error(JSON.stringify(headers));
  },
  async large() {
    await same(await connect(), '/large.bin');
  },
  async many_streams() {
    const session = await connect();
    for (let first = 0; first < 1000; first += 50) {
      const names = Array.from({ length: 50 }, (_, at) => `/many/${first + at}.txt`);
      await Promise.all(names.map((name) => same(session, name)));
    }
  },
  async early_data() {
    const first = await connect();
    const ticket = await new Promise((resolve, reject) => {
      first.on('sessionTicket', resolve);
      same(first, '/small.txt').catch(reject);
      setTimeout(() => reject(new Error('no session ticket')), 5000).unref();
    });
    await first.close?.();
    await same(await connect({ sessionTicket: ticket }), '/small.txt');
  },
};

try {
  await CASES[what]();
  process.exit(0);
} catch (problem) {
  console.error(String(problem?.stack ?? problem));
  process.exit(1);
}
