/// What a thumb does. Arguments: folder of the checking tools, act, address of the gateway, plate or path, folder for pictures.
enum PhoneScript {
    static let text = #"""
        import assert from 'node:assert/strict';
        const [checks, act, site, what, shots] = process.argv.slice(2);
        const { chromium } = await import(checks + '/node_modules/playwright-core/index.mjs');
        const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
        const problems = [];
        try {
          const context = await browser.newContext({ viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, locale: 'zh-CN', hasTouch: true });
          const page = await context.newPage();
          page.on('console', m => { if (m.type() === 'error') problems.push(m.text()); });
          page.on('pageerror', e => problems.push(String(e)));
          const shot = name => page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
          const noSideways = async () => assert.ok(
            await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'scrolls sideways: ' + page.url());
          if (act === 'report') {
            const large = await browser.newPage({ viewport: { width: 1600, height: 1200 } });
            await large.setContent('<body style="background:#123;color:#fe8;font-size:9em">lamp</body>');
            const photo = { name: 'IMG_0001.png', mimeType: 'image/png', buffer: await large.screenshot() };
            await page.goto(`${site}/q/${what}`);
            await noSideways();
            await shot('1-plate');
            await page.setInputFiles('#photo', photo);
            await page.waitForSelector('.previews canvas');
            await page.tap('text=其他');
            await page.tap('.send button');
            await page.waitForURL(/\/s\/.*new=1/);
            await noSideways();
            await shot('2-result');
            const address = new URL(page.url());
            await page.tap('a.button.primary');
            await page.waitForURL(url => !url.search.includes('new'));
            await noSideways();
            await shot('3-status');
            assert.ok(await page.locator('.photos img, img').first().evaluate(image => image.complete && image.naturalWidth > 0), 'the photo is shown');
            console.log(address.pathname);
          } else if (act === 'lose') {
            // The report arrives, its answer does not: the page stays open, and offers to send again.
            await page.route('**/q/*', async route => {
              if (route.request().method() !== 'POST') return route.continue();
              console.log((await route.fetch({ maxRedirects: 0 })).headers().location);
              await route.abort();
            });
            await page.goto(`${site}/q/${what}`);
            await page.tap('text=其他');
            await page.tap('.send button');
            await page.waitForFunction(() => document.querySelector('.send button').textContent.includes('重新发送'));
            await context.storageState({ path: `${shots}/left-open.json` });
            problems.length = 0;
          } else if (act === 'again') {
            const late = await (await browser.newContext({ viewport: { width: 360, height: 640 }, locale: 'zh-CN', storageState: `${shots}/left-open.json` })).newPage();
            await late.goto(`${site}/q/${what}`);
            await late.click('.send button');
            await late.waitForURL(/\/s\//);
            await late.screenshot({ path: `${shots}/8-again.png`, fullPage: true });
            console.log(new URL(late.url()).pathname + new URL(late.url()).search);
          } else if (act === 'evaluate') {
            await page.goto(site + what);
            await noSideways();
            await shot('4-closed');
            await page.tap('a[href^="/e/"]');
            await page.waitForURL(/\/e\//);
            await noSideways();
            for (const [name, value] of [['contacted', 'yes'], ['solved', 'yes'], ['satisfied', 'very']]) {
              await page.locator(`input[name=${name}][value=${value}]`).check({ force: true });
            }
            await shot('5-evaluation');
            await page.tap('button[type=submit]');
            await page.waitForSelector('.done-head');
            await noSideways();
            await shot('6-thanks');
          } else {
            await page.goto(site + what);
            await noSideways();
            await shot('7-evaluated');
          }
          assert.deepEqual(problems, []);
        } finally { await browser.close(); }
        """#
}
