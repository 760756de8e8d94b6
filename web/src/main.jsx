import 'graphiql/style.css';
import './style.css';

import {GraphiQL} from 'graphiql';
import {useEffect, useState} from 'react';
import {createRoot} from 'react-dom/client';

import examples from './examples.json';
import {fetcher} from './fetcher.js';

const tabs = examples.map(({query, variables}) => ({
  query: query.join('\n'),
  variables: variables ? JSON.stringify(variables, null, 2) : undefined,
}));

function Header() {
  const [node, setNode] = useState(null);
  useEffect(() => {
    fetch('/admin/node.json')
      .then((response) => response.json())
      .then((found) => {
        setNode(found);
        document.title = `${found.name || 'node'} · Eider`;
      })
      .catch(() => setNode({name: 'the node does not answer', version: ''}));
  }, []);
  return (
    <header>
      <img src="/admin/icon.svg" alt="" />
      <b>Eider</b>
      <span className="node">{node && `${node.name} ${node.version}`}</span>
      <nav>
        <a href="/health/ready">health</a>
        <a href="/metrics">metrics</a>
      </nav>
    </header>
  );
}

function Page() {
  return (
    <div className="page">
      <Header />
      <main>
        <GraphiQL fetcher={fetcher} defaultTabs={tabs} defaultEditorToolsVisibility={false}>
          <GraphiQL.Logo>
            <span />
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </div>
  );
}

createRoot(document.getElementById('explorer')).render(<Page />);
