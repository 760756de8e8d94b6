// Operations by the official client of graphql-transport-ws: node subscribe.mjs URL. Prints what came as one JSON object.
import {createClient} from 'graphql-ws';
import WebSocket from 'ws';

const client = createClient({url: process.argv[2], webSocketImpl: WebSocket, retryAttempts: 0});

// The results of an operation up to its end, or the first `most` of them.
async function results(query, most = Infinity) {
  const got = [];
  for await (const result of client.iterate({query})) {
    got.push(result);
    if (got.length >= most) break;
  }
  return got;
}

const small = '{ s { small { id } } }';
const insert = 'mutation { core { insert_roles(data: {name: "by_graphql_ws", description: ""}) { name } } }';
const out = {
  query: await results(small),
  mutation: await results(insert),
  subscription: await results(`subscription { query(interval: "100ms", count: 3) ${small} }`),
  error: await results('{ nosuch }').catch((errors) => errors),
  cancelled: await results(`subscription { query(interval: "100ms") ${small} }`, 2),
};
await client.dispose();
console.log(JSON.stringify(out));
