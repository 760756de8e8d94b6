// Uses the explorer page as a person would: node explorer.mjs URL CHROMIUM SCREENSHOT_FOLDER. Prints what it saw as JSON.
import {chromium} from 'playwright-core';

const [url, executablePath, folder] = process.argv.slice(2);
const browser = await chromium.launch({executablePath, args: ['--no-sandbox']});
const page = await browser.newPage({viewport: {width: 1400, height: 900}});
const seen = {problems: [], foreign: [], tabs: [], answers: []};
page.on('console', (message) => {
  if (message.type() === 'error') seen.problems.push(message.text());
});
page.on('pageerror', (error) => seen.problems.push(String(error)));
page.on('request', (request) => {
  if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(url)) seen.foreign.push(request.url());
});

// What the editor shows, without line numbers; its own model holds the text that is not in view.
const editorText = (selector) => page.$eval(`${selector} .CodeMirror`, (element) => element.CodeMirror.getValue());
// The page's own policy forbids what Playwright's waitForFunction() does.
async function until(condition) {
  for (const end = Date.now() + 20000; Date.now() < end; await page.waitForTimeout(50)) {
    if (await condition()) return;
  }
  throw new Error(`waited in vain for ${condition}`);
}

await page.goto(`${url}/admin`);
await page.waitForSelector('.graphiql-query-editor .CodeMirror', {timeout: 20000});
await until(async () => (await page.textContent('header .node')) !== '');
seen.header = (await page.textContent('header')).trim();
seen.title = await page.title();

const tabs = await page.$$('.graphiql-tab-button');
for (const tab of tabs) {
  seen.tabs.push((await tab.textContent()).trim());
  await tab.click();
  await page.waitForTimeout(500);  // The editor finds the operation's name after a pause in typing.
  const before = await editorText('.result-window');
  await page.click('.graphiql-execute-button');
  await until(async () => {
    const text = await editorText('.result-window');
    return text !== '' && text !== before && !(await page.$('.graphiql-spinner'));
  });
  seen.answers.push(JSON.parse(await editorText('.result-window')));
}
await page.screenshot({path: `${folder}/explorer_query.png`});

await page.click('button[aria-label="Show Documentation Explorer"]');
await page.waitForSelector('.graphiql-doc-explorer-content', {timeout: 20000});
await page.click('.graphiql-doc-explorer-content a:has-text("Query")');
await until(async () => (await page.textContent('.graphiql-doc-explorer-content')).includes('nyc'));
seen.documentation = (await page.textContent('.graphiql-doc-explorer')).trim();
await page.screenshot({path: `${folder}/explorer_docs.png`});

console.log(JSON.stringify(seen));
await browser.close();
