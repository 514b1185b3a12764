"""What the slots of the phrase bank are filled with: names, paths, numbers, sizes, words. Which slot goes where is not known here."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Fill:
    """What stands in the sentence: `before` + `core` + `after`; the value is `core` unless `value` says otherwise."""

    core: str
    before: str = ""
    after: str = ""
    value: str | None = None


NOUNS = """report notes budget invoice draft photo holiday backup config settings main index data results summary
project plan agenda minutes recipe letter resume contract manual guide readme changelog license todo tasks schedule
calendar contacts list inventory orders sales customers users accounts payroll expenses receipts taxes statement forecast
analysis survey thesis essay chapter outline bibliography slides deck poster diagram sketch logo banner icon avatar
screenshot scan image picture wallpaper video clip trailer song track album podcast recording interview lecture homework
exam grades syllabus lesson quiz test sample example demo prototype experiment trial benchmark log access error debug
trace audit events metrics stats dashboard monitor server client worker daemon service handler parser lexer compiler
utils helper common core base model view controller router schema migration query table column record dump export import
archive snapshot bundle package module library plugin theme style layout template component widget button form login
session token cookie cache buffer queue stack heap tree graph node edge matrix vector array hash map set list_items
weather traffic map route trip travel hotel flight ticket passport visa insurance health doctor diet workout garden house
kitchen car bike school office team meeting client_list vendor supplier product catalog price stock warehouse delivery
marketing campaign newsletter blog post article story novel poem lyrics script scene storyboard release build deploy
setup install update upgrade patch fix hotfix feature branch merge commit review feedback comments issues ticket_list
january february march april may june july august september october november december monday friday weekend week
year2023 year2024 q1 q2 q3 q4 final old new temp tmp copy misc stuff random junk secret private public shared team_docs
alpha beta gamma delta omega apollo orion phoenix atlas titan mercury venus saturn neptune falcon eagle raven""".split()

FOLDERS = """Documents Downloads Desktop Pictures Music Videos Projects src lib bin docs tests build dist config data
assets images static templates scripts tools backup backups archive old new tmp temp logs reports invoices photos work
home school shared public private media workspace repo code app server client web api models views utils vendor cache
notes books recipes taxes finance legal hr marketing sales design research papers thesis drafts slides samples examples
incoming outgoing uploads exports imports staging release nightly v1 v2 2022 2023 2024 january march summer winter misc
stuff junk trash_me attic box mail letters contracts clients acme apollo gamma dir1 dir2 folder1 subdir sub1 project_x""".split()

ROOTS = """/etc /var/log /tmp /usr/share /usr/local /opt /srv /home /var /usr/lib /home/alice /home/bob /mnt /media/usb
/data /var/www /var/lib /srv/www /opt/app /home/user /root /boot /var/tmp /usr/bin /proc /backup /storage /workspace /testing /system /export
/mnt/disk /var/backups /var/cache /etc/nginx /home/carol/projects ~ ~/Downloads ~/Documents ~/Desktop ~/Pictures ~/Music
~/projects ~/src ~/work ~/.config ~/.ssh .. . ../.. ./src ../data""".split()

EXTENSIONS = """txt md log pdf doc docx odt xls xlsx csv tsv json yaml yml xml html css js ts tsx jsx py pyc ipynb c h cpp
hpp cc java class jar go rs rb php pl sh bash sql db sqlite ini conf cfg toml env lock bak tmp swp old orig png jpg jpeg
gif svg webp bmp tiff ico heic mp3 wav flac ogg m4a mp4 mkv avi mov webm zip tar gz tgz bz2 xz zst 7z rar iso img deb rpm
exe dll so o a out ppt pptx key epub tex bib srt ics vcf eml parquet npy pkl h5 lua swift kt scala r m tf dockerfile""".split()

ARCHIVES = ("tar.gz", "tar.gz", "zip", "zip", "tgz", "tar", "tar.bz2", "tar.xz", "tar.zst", "gz", "bz2", "xz", "7z")

CHINESE_NAMES = """报告 总结 计划 笔记 合同 发票 简历 论文 照片 截图 视频 音乐 作业 课件 通知 名单 预算 账单 清单 日志 备份 数据 资料
文档 说明 草稿 封面 项目 会议记录 工资表 成绩单 旅行计划 购物清单 年终总结 周报 月报 日报 体检报告 毕业论文 活动方案 产品介绍
需求文档 测试结果 客户名单 采购单 报价单 财务报表 简介 目录 模板 设计图 家庭照片 老照片 录音 歌词 菜谱 日记 读书笔记""".split()

CHINESE_FOLDERS = """文档 下载 桌面 图片 音乐 视频 工作 学习 资料 备份 照片 项目 临时 归档 报表 合同 发票 作业 论文 素材 新建文件夹
旧文件 财务 人事 客户资料 旅行 家人 2023年 2024年 三月 课程 代码 日志""".split()

USERS = "alice bob carol root www-data nobody deploy postgres nginx mysql daemon ubuntu admin jenkins git dave erin frank guest ftp backup wangwei lihua zhang".split()
GROUPS = "staff users docker sudo www-data developers adm root audio video wheel admin team devs".split()
PROCESSES = """nginx firefox chrome python3 python node java mysqld postgres redis-server sshd docker dockerd code vim emacs
slack spotify gnome-shell Xorg apache2 httpd php-fpm rsync ffmpeg make gcc cargo webpack celery gunicorn uwsgi mongod
rabbitmq memcached cron systemd bash zsh tmux screen top htop thunderbird libreoffice gimp steam discord zoom teams
signal-desktop vlc mpv transmission dropbox backup.sh server.py train.py worker app.py sleep tail grep find wget curl""".split()
APPS = """Firefox Chrome Chromium GIMP VLC Spotify Slack Thunderbird LibreOffice Inkscape Blender Audacity Calculator
Terminal Files Calendar Discord Zoom Steam Krita Kdenlive OBS Telegram Signal Obsidian Evince Okular Dolphin Nautilus
firefox chrome gimp vlc spotify vscode gedit kate calculator settings""".split()
APPS += ["VS Code", "text editor", "Visual Studio Code", "Image Viewer", "File Manager"]
CHINESE_APPS = "计算器 浏览器 微信 日历 音乐播放器 文本编辑器 终端 设置 火狐 邮件 相机 地图 钉钉 记事本 播放器".split()
SERVICES = "ssh sshd nginx docker cron cups bluetooth postgresql mysql apache2 redis NetworkManager firewalld ufw avahi-daemon rsyslog snapd".split()
VARIABLES = "PATH HOME USER SHELL LANG EDITOR PWD JAVA_HOME PYTHONPATH DISPLAY TERM LD_LIBRARY_PATH GOPATH HTTP_PROXY TZ LOGNAME HOSTNAME XDG_RUNTIME_DIR MY_VAR API_URL DB_HOST".split()
PROGRAMS = "python3 python gcc git node npm docker vim curl wget java make cargo go ruby perl bash zsh ssh rsync ffmpeg convert tar grep awk sed jq pip kubectl".split()
ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC", "Tokyo", "London", "Paris", "Sydney", "New York", "Los Angeles", "Asia/Tokyo", "Beijing", "Singapore", "Berlin", "Moscow", "Dubai"]  # fmt: skip
CHINESE_ZONES = ["上海", "北京", "东京", "纽约", "伦敦", "巴黎", "柏林", "悉尼", "Asia/Shanghai", "UTC"]
SITES = "example.com github.com wikipedia.org python.org news.ycombinator.com openstreetmap.org localhost:3000 localhost:8080/admin docs.python.org/3 archlinux.org kernel.org bbc.co.uk baidu.com bilibili.com zhihu.com".split()
COMMANDS = ["make -j4", "npm start", "python3 train.py", "git status", "ls -la", "./build.sh", "cargo build --release", "docker compose up", "python -m http.server", "sleep 600", "echo hello", "rsync -a src/ backup/", "pytest -q", "npm run dev", "./run.sh --fast", "git log --oneline", "df -h", "go test ./...", "bash deploy.sh", "whoami", "date", "uname -a", "make test", "node server.js", "wget -q https://example.com/a.iso", "ffmpeg -i in.mp4 out.webm"]  # fmt: skip
LANGUAGES: Mapping[str, str] = {
    "python": "py", "Python": "py", "javascript": "js", "JavaScript": "js", "typescript": "ts", "java": "java", "Java": "java",
    "shell": "sh", "bash": "sh", "C": "c", "C++": "cpp", "c++": "cpp", "rust": "rs", "Rust": "rs", "go": "go", "Go": "go",
    "ruby": "rb", "perl": "pl", "PHP": "php", "php": "php", "html": "html", "HTML": "html", "css": "css", "markdown": "md",
    "Markdown": "md", "latex": "tex", "sql": "sql", "SQL": "sql", "lua": "lua", "kotlin": "kt", "swift": "swift", "json": "json",
}  # fmt: skip
KINDS = {
    "en": {
        "photos": "image", "pictures": "image", "images": "image", "pics": "image", "photo": "image", "image files": "image",
        "videos": "video", "movies": "video", "video files": "video", "clips": "video", "songs": "audio", "music files": "audio",
        "audio files": "audio", "music": "audio", "recordings": "audio", "documents": "document", "docs": "document",
        "office documents": "document", "archives": "archive", "compressed files": "archive", "zip files and tarballs": "archive",
        "source files": "code", "source code": "code", "code files": "code", "text files": "text", "plain text files": "text",
    },
    "zh": {
        "照片": "image", "图片": "image", "图像": "image", "相片": "image", "截图": "image", "视频": "video", "电影": "video",
        "影片": "video", "录像": "video", "音乐": "audio", "歌曲": "audio", "音频": "audio", "录音": "audio", "文档": "document",
        "办公文档": "document", "压缩包": "archive", "压缩文件": "archive", "代码": "code", "源代码": "code", "文本文件": "text",
    },
}  # fmt: skip
WORDS = """error warning TODO FIXME password import hello world failed timeout exception main debug user login token admin
connection refused denied critical fatal info success update delete select insert function class return null undefined
localhost 127.0.0.1 404 500 GET POST http https version copyright license deprecated test foo bar baz value key name
apple banana budget revenue meeting deadline client invoice total amount Alice Bob London berlin urgent draft final
config port host memory leak segfault panic retry queue worker job cache miss hit slow query index table node7 disk full
async await def print console.log printf malloc struct enum while for text data hash md5 email@example.com @deprecated""".split()
WORD_PHRASES = ["disk full", "connection refused", "out of memory", "hello world", "not found", "permission denied", "to be done", "access denied", "null pointer", "page 3", "import os", "for the record", "the end", "New York", "git push", "see below", "due date", "user id", "int main", "red apples", "File not found", "total cost"]  # fmt: skip
CHINESE_WORDS = "错误 警告 失败 超时 密码 用户 登录 会议 预算 合同 客户 北京 上海 完成 重要 紧急 待办 测试 成功 异常 张三 李四 你好 价格 付款 截止日期 项目 进度 数据库 连接失败".split()
TEXTS = ["hello", "Hello, world!", "buy milk", "call the bank on Monday", "TODO: fix the login page", "127.0.0.1 localhost", "export PATH=$PATH:~/bin", "version = 1.2.0", "Meeting at 10am in room 4", "the quick brown fox", "Dear Sir or Madam", "alias ll='ls -la'", "name,age,city", "print('hi')", "# My project", "line one", "done", "Remember the milk", "192.168.0.12 nas", "Total: 1250 EUR", "This file is generated, do not edit.", "shopping list: eggs, bread, cheese", "key: value", "import os", "Revenue rose 4% in March", "yes", "42", "Thanks for everything!", "deadline is Friday", "server {", "no changes", "Introduction to Algebra", "Q3 numbers look good; send to Ana", "hello from llmos"]  # fmt: skip
CHINESE_TEXTS = ["你好", "你好，世界", "明天下午三点开会", "记得买牛奶", "待办：修复登录页面", "第一行", "今天天气不错", "会议改到周五", "测试内容", "项目已完成", "张三 13800000000", "谢谢大家", "这是一个测试文件。", "预算：五千元", "hello"]  # fmt: skip
NUMBER_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten", 12: "twelve", 15: "fifteen", 20: "twenty", 25: "twenty-five", 30: "thirty", 50: "fifty", 100: "a hundred"}  # fmt: skip
CHINESE_NUMBERS = {2: "两", 3: "三", 4: "四", 5: "五", 6: "六", 7: "七", 8: "八", 9: "九", 10: "十", 12: "十二", 15: "十五", 20: "二十", 30: "三十", 50: "五十", 100: "一百"}  # fmt: skip


def pseudo_word(r: random.Random) -> str:
    """A name nobody has seen, so that copying does not lean on known words."""
    kind = r.random()
    if kind < 0.5:
        return "".join(r.choice("bcdfghjklmnprstvwz") + r.choice("aeiou") for _ in range(r.randint(2, 4))) + r.choice(["", "n", "x", "s"])  # fmt: skip
    if kind < 0.8:
        return "".join(r.choice(string.ascii_lowercase) for _ in range(r.randint(2, 7)))
    return "".join(r.choice(string.ascii_letters + string.digits) for _ in range(r.randint(4, 9)))


EVERYDAY = sorted(
    set(
        """cat dog bird fish horse cow pig sheep mouse tiger lion bear fox wolf rabbit duck chicken egg eggs milk bread butter cheese apple apples orange banana lemon onion potato rice soup salad cake cookie coffee tea water juice wine beer sugar salt pepper oil dinner lunch breakfast kitchen table chair bed sofa lamp window door wall floor roof house home garden tree flower grass leaf river lake sea beach mountain hill forest desert island road street bridge city town village country map car bus train plane bike boat ship truck wheel engine fuel ticket hotel passport visa suitcase bag box bottle cup glass plate knife fork spoon pan oven fridge phone tablet laptop desktop monitor screen keyboard printer scanner cable battery charger camera lens movie song band guitar piano drum violin singer dance game ball goal score team player coach match race prize winner king queen prince princess castle knight dragon ghost witch monster robot rocket planet moon sun star sky cloud rain snow wind storm fire ice stone sand gold silver iron steel wood paper ink pen pencil brush paint color red blue green yellow black white pink purple brown grey doctor nurse teacher student lawyer judge police soldier farmer baker cook waiter driver pilot artist writer poet actor director manager boss worker client customer friend brother sister mother father son daughter uncle aunt cousin baby child kids family wedding birthday party gift present christmas easter summer spring autumn monday tuesday morning evening night noon hour minute second today tomorrow yesterday week month year date time clock calendar alarm timer school college class lesson exam grade homework essay book novel poem story chapter page letter word sentence language english french german spanish chinese math physics chemistry biology history art music sport health diet sleep dream pain fever flu medicine pill hospital clinic bank money cash coin price cost tax loan rent salary bonus bill receipt shop store market mall order cart sale discount brand stock trade profit loss growth plan goal idea task job work project team meeting agenda minutes memo mail email message chat call contact address number code key lock password login account user admin guest owner member group role rule law policy contract deal offer claim case court jury crime prison war peace army battle hero legend myth god angel devil heaven hell church temple bible faith hope love hate anger fear joy sadness smile laugh tear face head hair eye ear nose mouth tooth neck shoulder arm hand finger chest heart back leg knee foot toe skin bone blood brain mind soul body shirt dress skirt pants jeans jacket coat hat cap shoe boot sock glove scarf ring watch belt top bottom left right inside outside front end start middle center corner edge side line point circle square triangle cube shape size weight height width length depth speed power energy force mass heat light sound noise voice signal wave radio video audio image picture photo icon logo banner poster flyer list copy move print find sort less more head tail kill who what test all out new final old big small large tiny long short high low fast slow hot cold warm cool dry wet hard soft heavy easy simple complex public private secret open closed full empty free busy ready done draft pending active passive good bad best worst first last next previous main extra spare demo example template default custom normal special random unknown other misc alpha beta gamma delta omega kelly smith jones taylor brown wilson emma oliver sophia liam noah mia lucas anna peter paul maria john james david sarah laura tokyo london paris berlin madrid rome vienna oslo boston chicago texas goals progress results findings research thesis science experiment sample trial survey quiz puzzle riddle joke trick tip guide manual tutorial course module unit lab workshop seminar conference talk speech slide chart graph diagram figure matrix vector array string integer float boolean parser lexer token stack queue heap graph node edge tree loop branch merge commit push pull clone fork patch bug issue ticket feature release version upgrade update install remove setup config""".split()
    )
)
"""Words that files are called by as by anything else, also such as a shell has commands of."""

EVERYDAY_CHINESE = sorted(
    set(
        """猫 狗 鸡蛋 牛奶 面包 苹果 香蕉 西瓜 咖啡 茶叶 米饭 面条 晚饭 早餐 厨房 桌子 椅子 窗户 房子 花园 大海 河流 高山 森林 城市 村庄 地图 汽车 火车 飞机 自行车 酒店 护照 签证 行李 手机 平板 电脑 键盘 打印 相机 电影 歌曲 吉他 钢琴 游戏 足球 篮球 比赛 冠军 国王 公主 机器人 火箭 月亮 太阳 星星 下雨 下雪 黄金 白银 木头 铅笔 颜色 红色 蓝色 绿色 医生 护士 老师 学生 律师 警察 农民 司机 画家 作家 经理 客户 朋友 哥哥 妹妹 妈妈 爸爸 孩子 家庭 婚礼 生日 礼物 春节 夏天 秋天 星期一 上午 晚上 日历 闹钟 学校 班级 考试 作业 作文 小说 诗歌 故事 英语 数学 物理 化学 历史 美术 音乐 体育 健康 药品 医院 银行 价格 房租 工资 奖金 账单 商店 订单 打折 股票 利润 想法 任务 会议 邮件 消息 地址 号码 密码 账号 成员 规则 合同 案件 战争 和平 英雄 爱情 希望 头发 眼睛 衬衫 外套 帽子 鞋子 手套 手表 里面 外面 开头 结尾 中间 清单 副本 最终 旧版 新版 公开 私人 秘密 草稿 完成 示例 模板 其他 杂项 北京 上海 广州 深圳 成都 小明 小红 张三 李四 王五 研究 结果 样本 问卷 笑话 指南 教程 课程 讲座 图表 版本 补丁 安装 设置""".split()
    )
)


def stem(r: random.Random, language: str) -> str:
    if language == "zh" and r.random() < 0.4:
        return r.choice(CHINESE_NAMES if r.random() < 0.6 else EVERYDAY_CHINESE) + r.choice(
            ["", "", "", "2024", "1", "终稿", "_v2"]
        )
    roll = r.random()
    word = pseudo_word(r) if roll < 0.2 else r.choice(NOUNS if r.random() < 0.5 else EVERYDAY)
    if roll > 0.65:
        other = r.choice([*NOUNS[:80], str(r.randint(1, 99)), str(r.randint(2019, 2026)), f"v{r.randint(1, 9)}", "final", "old"])  # fmt: skip
        word += r.choice(["_", "-", "_", "", "."]) + other
    style = r.random()
    return (
        word.capitalize()
        if style < 0.15
        else word.title().replace("_", "")
        if style < 0.2
        else word.upper()
        if style < 0.24
        else word
    )


def file_name(r: random.Random, language: str, extension: str | None = None) -> str:
    if extension is None:
        special = r.random()
        if special < 0.04:
            return r.choice(["Makefile", "Dockerfile", "README", "LICENSE", "passwd", "hosts", "fstab", "syslog", ".bashrc", ".gitignore", ".env", "core", "a.out", "id_rsa", "crontab"])  # fmt: skip
        if special < 0.1:
            return stem(r, language)
        extension = r.choice(EXTENSIONS[:60] if r.random() < 0.8 else EXTENSIONS)
    name = stem(r, language)
    return f"{name}.{extension}"


def folder_name(r: random.Random, language: str) -> str:
    if language == "zh" and r.random() < 0.35:
        return r.choice(CHINESE_FOLDERS if r.random() < 0.7 else EVERYDAY_CHINESE)
    roll = r.random()
    if roll < 0.5:
        return r.choice(FOLDERS)
    return stem(r, "en") if roll < 0.9 else pseudo_word(r)


def folder_path(r: random.Random, language: str) -> str:
    roll = r.random()
    if roll < 0.4:
        return folder_name(r, language) + ("/" if r.random() < 0.12 else "")
    if roll < 0.6:
        return r.choice(ROOTS)
    if roll < 0.66:
        return r.choice(["$HOME", "$DIR", "$TMP", "$HOME/docs", "$PROJECT_ROOT", "${HOME}/src", "$1"]) .replace("{", "").replace("}", "")  # fmt: skip
    base = r.choice(ROOTS[:30] + ROOTS[30:]) if r.random() < 0.7 else folder_name(r, language)
    return base.rstrip("/") + "/" + "/".join(folder_name(r, language) for _ in range(r.randint(1, 3)))


def _quote(r: random.Random, text: str, language: str, likely: float = 0.25) -> Fill:
    """Quotation marks around it, always when there is a space within."""
    marks = [("'", "'"), ('"', '"'), ('"', '"'), ("`", "`"), ("“", "”")] + ([("「", "」"), ("“", "”"), ("《", "》")] if language == "zh" else [])  # fmt: skip
    if " " in text or "(" in text or r.random() < likely:
        before, after = r.choice([m for m in marks if m[0] not in text and m[1] not in text] or [("", "")])
        return Fill(text, before, after)
    return Fill(text)


def _file(r: random.Random, language: str) -> Fill:
    roll = r.random()
    extension = None
    if roll < 0.06:
        name = f"{r.choice(NOUNS)} {r.choice([*NOUNS[:60], '(1)', '2024', 'copy'])}.{r.choice(EXTENSIONS[:40])}"
        return _quote(r, name if r.random() < 0.7 else f"{r.choice(ROOTS).rstrip('/')}/{name}", language)
    name = file_name(r, language, extension)
    if roll < 0.55:
        return _quote(r, name, language, 0.2)
    if roll < 0.6:
        return Fill(r.choice(["$FILE", "$f", "$1", "$INPUT", "$logfile", "$HOME/" + name]))
    return _quote(r, f"{folder_path(r, language).rstrip('/')}/{name}", language, 0.2)


def _folder(r: random.Random, language: str) -> Fill:
    if r.random() < 0.04:
        return _quote(r, f"{r.choice(FOLDERS)} {r.choice(['2024', 'old', 'New', 'backup'])}", language)
    return _quote(r, folder_path(r, language), language, 0.18)


def _name(r: random.Random, language: str) -> Fill:
    return _quote(r, file_name(r, language) if r.random() < 0.75 else folder_name(r, language), language)


def _archive(r: random.Random, language: str) -> Fill:
    name = f"{stem(r, language)}.{r.choice(ARCHIVES)}"
    return _quote(r, name if r.random() < 0.7 else f"{folder_path(r, language).rstrip('/')}/{name}", language, 0.15)


def _extension(r: random.Random, language: str) -> Fill:
    extension = r.choice(EXTENSIONS[:70] if r.random() < 0.85 else EXTENSIONS)
    if r.random() < 0.04:
        extension = pseudo_word(r)[:4]
    style = r.random()
    text = (
        extension
        if style < 0.5
        else "." + extension
        if style < 0.7
        else "*." + extension
        if style < 0.88
        else extension.upper()
    )
    return _quote(r, text, language, 0.3 if text.startswith("*") else 0.08)


def _glob(r: random.Random, language: str) -> Fill:
    name, extension = stem(r, language), r.choice(EXTENSIONS[:50])
    text = r.choice([f"{name}*", f"*{name}*", f"{name}_*.{extension}", f"{name}?.{extension}", f"*{name}", f"{name}.*", f"*{name}.{extension}", f"{name}[0-9].{extension}", f"{name}-*", "._*", f".{name}*", f"*.{extension}~", "*~", f"{name}.{extension}"])  # fmt: skip
    return _quote(r, text, language, 0.5)


def _word(r: random.Random, language: str) -> Fill:
    if language == "zh" and r.random() < 0.45:
        return _quote(r, r.choice(CHINESE_WORDS), language, 0.5)
    roll = r.random()
    if roll < 0.12:
        return _quote(r, r.choice(WORD_PHRASES), language)
    text = (
        pseudo_word(r)
        if roll < 0.25
        else r.choice(NOUNS)
        if roll < 0.4
        else r.choice(WORDS if roll < 0.75 else EVERYDAY)
    )
    return _quote(r, text, language, 0.5)


def _text(r: random.Random, language: str) -> Fill:
    text = r.choice(CHINESE_TEXTS if language == "zh" and r.random() < 0.7 else TEXTS)
    if r.random() < 0.35:
        text = " ".join(r.choice(NOUNS + WORDS + EVERYDAY) for _ in range(r.randint(1, 9)))
        text = text.capitalize() + r.choice(["", ".", "!", "?"]) if r.random() < 0.5 else text
    marks = [("'", "'"), ('"', '"'), ('"', '"'), ("“", "”"), ("`", "`")]
    before, after = r.choice([m for m in marks if m[0] not in text and m[1] not in text] or [("“", "”")])
    return Fill(text, before, after)


def _number(r: random.Random, language: str) -> Fill:
    n = r.choice([1, 2, 2, 3, 3, 3, 4, 5, 5, 5, 5, 6, 7, 8, 10, 10, 10, 12, 15, 20, 20, 25, 30, 50, 100, r.randint(2, 400)])  # fmt: skip
    words = CHINESE_NUMBERS if language == "zh" else NUMBER_WORDS
    if n in words and r.random() < 0.35:
        return Fill(words[n])
    return Fill(str(n))


def _size(r: random.Random, language: str) -> Fill:
    n = str(r.choice([1, 2, 5, 10, 20, 50, 64, 100, 100, 200, 250, 500, 512, 700, 1000, 1024, r.randint(1, 900), "1.5", "2.5", "0.5"]))  # fmt: skip
    if language == "zh":
        unit = r.choice(["MB", "M", "KB", "K", "GB", "G", "兆", "k", "m", "字节", "Mb", "B"])
        return Fill(n + r.choice(["", "", " "]) + unit if unit not in ("兆", "字节") else n + unit)
    roll = r.random()
    if roll < 0.1:
        return Fill(r.choice(["a gigabyte", "one megabyte", "a megabyte", "ten megabytes", "two gigs", "half a gig", "five hundred kilobytes", "1 gig", "a hundred megs", "1,024 bytes", "10,000 bytes"][:8]))  # fmt: skip
    unit = r.choice(["MB", "M", "KB", "K", "GB", "G", "mb", "kb", "gb", "k", "m", "g", "MiB", "KiB", "GiB", "bytes", "megabytes", "kilobytes", "Kilobytes", "gigabytes", "megs", "gigs", "B", "TB"])  # fmt: skip
    return Fill(n + (" " if len(unit) > 3 or r.random() < 0.4 else "") + unit)


def _age(r: random.Random, language: str) -> Fill:
    n = r.choice([1, 2, 2, 3, 3, 5, 6, 7, 7, 10, 12, 14, 15, 20, 24, 30, 30, 31, 48, 60, 90, 100, 365])
    if language == "zh":
        number = (
            CHINESE_NUMBERS[n]
            if n in CHINESE_NUMBERS and r.random() < 0.4
            else "一"
            if n == 1 and r.random() < 0.5
            else str(n)
        )
        gap = " " if number.isascii() and r.random() < 0.3 else ""
        return Fill(
            number + gap + r.choice(["天", "天", "天", "小时", "个小时", "分钟", "周", "个星期", "个月", "个月", "年"])
        )
    roll = r.random()
    if roll < 0.16:
        return Fill(r.choice(["a day", "a week", "an hour", "a month", "a year", "one day", "one week", "one hour", "half an hour", "a couple of days", "a couple of weeks", "a minute"]))  # fmt: skip
    unit = r.choice(["day", "day", "day", "day", "hour", "minute", "week", "month", "year"])
    if roll < 0.28:
        return Fill(f"{n}{r.choice(['d', 'h', 'min', 'w', 'm' if False else 'y'])}")
    number = NUMBER_WORDS[n] if n in NUMBER_WORDS and r.random() < 0.25 else str(n)
    return Fill(f"{number} {unit}{'' if n == 1 else 's'}")


def _mode(r: random.Random, language: str) -> Fill:
    return _quote(r, r.choice(["755", "644", "600", "700", "777", "775", "664", "444", "400", "0644", "0755", "750", "640", "555", "1777", "u+x", "+x", "go-w", "a+r", "g+w", "o-rwx", "u+rw", "ug+x", "a-w", "u=rwx,go=rx", "go-rwx"]), language, 0.1)  # fmt: skip


def _columns(r: random.Random, language: str) -> Fill:
    return Fill(r.choice(["1", "2", "3", "4", "5", "2", "3", "1,3", "2-4", "1,2", "2,5"]))


def _one_of(values: list[str], quote: float = 0.06) -> Callable[[random.Random, str], Fill]:
    return lambda r, language: _quote(r, r.choice(values), language, quote)


def _between(low: int, high: int) -> Callable[[random.Random, str], Fill]:
    return lambda r, language: Fill(str(r.randint(low, high)))


def _process(r: random.Random, language: str) -> Fill:
    name = r.choice(PROCESSES) if r.random() < 0.85 else pseudo_word(r)
    return _quote(r, name, language, 0.1)


def _app(r: random.Random, language: str) -> Fill:
    return Fill(r.choice(CHINESE_APPS if language == "zh" and r.random() < 0.6 else APPS))


def _url(r: random.Random, language: str) -> Fill:
    site = r.choice(SITES) if r.random() < 0.8 else pseudo_word(r) + r.choice([".com", ".org", ".io", ".cn"])
    return Fill(r.choice(["https://", "http://", "www.", "", "https://"]) + site + r.choice(["", "", "", "/docs", "/a?b=1"]))  # fmt: skip


def _command(r: random.Random, language: str) -> Fill:
    command = r.choice(COMMANDS)
    before, after = r.choice([("`", "`"), ("'", "'"), ('"', '"'), ("", "")])
    return Fill(command, before, after) if before not in command or not before else Fill(command)


def _zone(r: random.Random, language: str) -> Fill:
    return Fill(r.choice(CHINESE_ZONES if language == "zh" and r.random() < 0.7 else ZONES))


def _kind(r: random.Random, language: str) -> Fill:
    text, value = r.choice(list(KINDS[language].items()))
    return Fill(text, value=value)


def _language(r: random.Random, language: str) -> Fill:
    text, value = r.choice(list(LANGUAGES.items()))
    return Fill(text, value=value)


def _delimiter(r: random.Random, language: str) -> Fill:
    signs = [(",", '"'), (";", "'"), (":", '"'), ("|", '"'), ("-", '"'), ("=", "'")]
    if r.random() < 0.5:
        sign, mark = r.choice(signs)
        return Fill(sign, mark, mark)
    return Fill(r.choice(["逗号", "分号", "制表符", "冒号", "空格"] if language == "zh" else ["comma", "tab", "semicolon", "colon", "space", "pipe"]))  # fmt: skip


FILLS: Mapping[str, Callable[[random.Random, str], Fill]] = {
    "file": _file, "file2": _file, "file3": _file, "folder": _folder, "folder2": _folder, "folder3": _folder,
    "newfile": _file, "newfile2": _file, "newfolder": _folder, "newfolder2": _folder, "name": _name, "name2": _name, "archive": _archive, "archive2": _archive,
    "ext": _extension, "ext2": _extension, "glob": _glob, "glob2": _glob, "word": _word, "word2": _word, "text": _text, "text2": _text,
    "n": _number, "n2": _number, "line": _between(1, 60), "line2": _between(61, 500), "size": _size, "size2": _size, "age": _age, "age2": _age,
    "user": _one_of(USERS), "user2": _one_of(USERS), "group": _one_of(GROUPS), "mode": _mode, "process": _process, "process2": _process,
    "pid": _between(2, 65000), "pid2": _between(2, 65000), "port": lambda r, _: Fill(r.choice(["80", "443", "8080", "3000", "5432", "3306", "22", "8000", "9090", "6379", str(r.randint(1024, 65535))])),
    "nice": lambda r, _: Fill(r.choice(["10", "5", "19", "-5", "0", "15", "-10", "1", "-20", "7"])), "seconds": _between(2, 120), "job": _between(1, 9),
    "app": _app, "url": _url, "variable": lambda r, _: Fill(r.choice(VARIABLES)), "program": _one_of(PROGRAMS), "service": _one_of(SERVICES),
    "zone": _zone, "command": _command, "column": _columns, "delimiter": _delimiter, "kind": _kind, "language": _language,
}  # fmt: skip
