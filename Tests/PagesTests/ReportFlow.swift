extension Browser {
    /// The report form as a thumb uses it. Arguments: folder of the checking tools, address of the site.
    static let flow = #"""
        import assert from 'node:assert/strict';
        const [checks, site] = process.argv.slice(2);
        const { chromium } = await import(checks + '/node_modules/playwright-core/index.mjs');
        const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
        const posts = async () => (await fetch(site + '/posts')).json();
        try {
          const large = await browser.newPage({ viewport: { width: 2400, height: 1800 } });
          await large.setContent('<h1>photo</h1>');
          const photo = { name: 'IMG_0001.png', mimeType: 'image/png', buffer: await large.screenshot() };
          const context = await browser.newContext({ viewport: { width: 360, height: 640 }, locale: 'zh-CN' });
          const page = await context.newPage();
          const problems = [];
          page.on('console', m => { if (m.type() === 'error' && !m.text().includes('ERR_INTERNET_DISCONNECTED')) problems.push(m.text()); });
          page.on('pageerror', e => problems.push(String(e)));

          // Tap 1 photo, tap 2 chip, tap 3 submit (twice, as an impatient thumb does).
          await page.goto(site + '/q/plate');
          await page.setInputFiles('#photo', photo);
          await page.waitForSelector('.previews canvas');
          await page.click('text=灯不亮');
          await page.locator('.send button').evaluate(button => { button.click(); button.click(); });
          await page.waitForURL(site + '/r/result');
          let sent = await posts();
          assert.equal(sent.length, 1);
          assert.equal(sent[0].files, 1);
          assert.equal(sent[0].category, 'part00101');
          assert.deepEqual(sent[0].sizes, [[1600, 1200]]);
          const first = sent[0].key;

          // Without a network nothing is lost, a reload brings it back, and it is still the same ticket.
          await page.goto(site + '/q/plate');
          assert.equal(await page.inputValue('#text'), '');
          await page.setInputFiles('#photo', photo);
          await page.waitForSelector('.previews canvas');
          await page.fill('#text', '整条路都黑');
          await page.evaluate(() => { document.querySelector('[name=key]').value = 'kept-key'; });
          await context.setOffline(true);
          await page.click('.send button');
          await page.waitForFunction(() => document.querySelector('.send button').textContent.includes('重新发送'));
          await context.setOffline(false);
          await page.reload();
          await page.waitForSelector('.previews canvas');
          assert.equal(await page.inputValue('#text'), '整条路都黑');
          await page.click('.send button');
          await page.waitForURL(site + '/r/result');
          sent = await posts();
          assert.equal(sent.length, 2);
          assert.equal(sent[1].key, 'kept-key');
          assert.notEqual(first, 'kept-key');
          assert.equal(sent[1].text, '整条路都黑');
          assert.equal(sent[1].files, 1);

          // What shines through a screenshot is white, not black.
          const clear = await browser.newPage({ viewport: { width: 80, height: 60 } });
          await clear.setContent('<body style="margin:0;background:transparent"><b style="position:absolute;left:30px;top:20px;width:20px;height:20px;background:#000"></b></body>');
          const glass = { name: 'glass.png', mimeType: 'image/png', buffer: await clear.screenshot({ omitBackground: true }) };
          await page.goto(site + '/q/plate');
          await page.setInputFiles('#photo', glass);
          await page.waitForSelector('.previews canvas');
          const pixels = await page.evaluate(() => {
            const canvas = document.querySelector('.previews canvas'), at = (x, y) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data];
            return [at(2, 2), at(40, 30)];
          });
          assert.deepEqual(pixels, [[255, 255, 255, 255], [0, 0, 0, 255]]);

          // Refused as a whole, by whatever stands between: what was typed stays, here and as a draft.
          await page.fill('#text', '井盖破了');
          for (const [status, body] of [[413, '<main><h1>内容过大</h1><p>内容太大。</p></main>'], [400, 'no page'], [404, ''], [503, ''], [429, '{}']]) {
            await page.route('**/q/*', route => route.request().method() === 'POST' ? route.fulfill({ status, contentType: 'text/html', body }) : route.continue());
            await page.click('.send button');
            await page.waitForFunction(() => !document.querySelector('form[data-report]').hasAttribute('aria-busy'));
            assert.equal(await page.inputValue('#text'), '井盖破了');
            assert.equal(await page.locator('.previews canvas').count(), 1);
            assert.ok(await page.evaluate(() => localStorage.getItem('shao.draft./q/plate').includes('井盖破了')), 'the draft is kept');
            if (status === 413) {
              assert.ok((await page.textContent('.errors')).includes('内容太大。'), 'the reason is told');
              assert.ok(await page.evaluate(() => document.activeElement.classList.contains('errors')));
            }
            await page.unroute('**/q/*');
          }
          problems.length = 0;
          await page.reload();
          await page.waitForSelector('.previews canvas');
          assert.equal(await page.inputValue('#text'), '井盖破了');
          await page.evaluate(() => localStorage.clear());

          // An error summary has the focus, its link opens what hides a field and goes there.
          await page.goto(site + '/q/plate-errors');
          assert.ok(await page.evaluate(() => document.activeElement.classList.contains('errors')));
          await page.click('.errors a[href="#phone"]');
          assert.equal(await page.evaluate(() => document.activeElement.id), 'phone');

          // The keyboard alone gets from the top to the button, and no focus hides behind it.
          await page.goto(site + '/q/plate');
          for (let presses = 0; presses < 40; presses++) {
            await page.keyboard.press('Tab');
            const hidden = await page.evaluate(() => {
              const at = document.activeElement, bar = document.querySelector('.send');
              if (at === document.body || bar.contains(at)) return false;
              const box = at.getBoundingClientRect(), low = bar.getBoundingClientRect();
              return box.top >= low.top && box.bottom <= low.bottom;
            });
            assert.ok(!hidden, 'focus is behind the bar');
            if (await page.evaluate(() => document.activeElement.matches('.send button'))) break;
            assert.ok(presses < 39, 'the button was not reached');
          }

          // 「我也遇到」 takes along what was filled in; the Enter key presses the form's own button.
          await page.goto(site + '/q/plate-similar');
          await page.setInputFiles('#photo', photo);
          await page.waitForSelector('.previews canvas');
          await page.fill('#text', '我家门口也是');
          await page.fill('#phone', '13800138000');
          await page.click('text=我也遇到');
          await page.waitForURL(site + '/r/result');
          sent = await posts();
          assert.equal(sent.length, 3);
          assert.deepEqual([sent[2].also, sent[2].text, sent[2].phone, sent[2].files], ['GD-20261119-000087-4', '我家门口也是', '13800138000', 1]);
          await page.goto(site + '/q/plate-similar');
          await page.press('#phone', 'Enter');
          await page.waitForURL(site + '/r/result');
          sent = await posts();
          assert.equal(sent[3].also, '');

          // Without script the same form posts by itself.
          const plain = await (await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 640 } })).newPage();
          await plain.goto(site + '/q/plate');
          assert.equal(await plain.locator('.shot.main .chosen').isVisible(), false);
          await plain.setInputFiles('#photo', photo);
          assert.equal(await plain.locator('.shot.main .chosen').isVisible(), true);
          await plain.click('text=灯杆倾斜');
          await plain.click('.send button');
          await plain.waitForURL(site + '/r/result');
          sent = await posts();
          assert.equal(sent.length, 5);
          assert.equal(sent[4].category, 'part00102');
          await plain.goto(site + '/q/plate-similar');
          await plain.fill('#text', '这里也是');
          await plain.click('text=我也遇到');
          await plain.waitForURL(site + '/r/result');
          sent = await posts();
          assert.deepEqual([sent[5].also, sent[5].text], ['GD-20261119-000087-4', '这里也是']);
          await plain.goto(site + '/q/plate-similar');
          await plain.press('#phone', 'Enter');
          await plain.waitForURL(site + '/r/result');
          assert.equal((await posts())[6].also, '');
          assert.deepEqual(problems, []);
        } finally { await browser.close(); }
        """#
}
