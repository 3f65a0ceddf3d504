"""What the year of `test_year` must tell, line by line: events, messages, digests, letters, posts."""

EVENTS = """
02-13 08:00 A DeadlineMarked -1
02-14 08:00 A DeadlineMarked +0
02-15 08:00 A DeadlineMarked +1
02-17 08:00 A DeadlineMarked +3
02-24 08:00 B DeadlineMarked -1
03-09 08:00 C DeadlineMarked -1
03-17 10:00 C DeadlineMarked +1
03-17 10:00 C DeadlineMarked +3
03-17 10:00 D FirstActLate
04-19 08:00 E DeadlineMarked -1
04-20 08:00 E DeadlineMarked +0
04-21 08:00 E DeadlineMarked +1
05-13 08:00 P DeadlineMarked -1 ×30
05-14 08:00 P DeadlineMarked +0 ×30
05-15 08:00 P DeadlineMarked +1 ×30
05-17 08:00 P DeadlineMarked +3 ×30
07-02 08:00 F DeadlineMarked -1
07-03 08:00 F DeadlineMarked +0
08-11 20:00 H FirstActLate
09-19 08:00 I DeadlineMarked -1
09-20 08:00 I DeadlineMarked +0
10-09 08:00 J DeadlineMarked -1
10-21 08:00 K DeadlineMarked -1
10-21 08:00 L DeadlineMarked -1
10-21 08:00 M DeadlineMarked -1
10-22 08:00 K DeadlineMarked +0
10-22 08:00 L DeadlineMarked +0
10-22 08:00 M DeadlineMarked +0
10-22 20:00 M HazardSupervised
10-23 08:00 K DeadlineMarked +1
10-23 08:00 L DeadlineMarked +1
10-23 08:00 M DeadlineMarked +1
10-25 08:00 K DeadlineMarked +3
10-25 08:00 L DeadlineMarked +3
10-25 08:00 M DeadlineMarked +3
11-12 08:00 N DeadlineMarked -1
11-13 08:00 N DeadlineMarked +0
11-14 08:00 N DeadlineMarked +1
11-17 08:00 N DeadlineMarked -1
12-02 09:00 O DeadlineMarked -1
12-03 08:00 O DeadlineMarked +0
"""
MESSAGES = """
02-11 09:00 A arrived: wangmin
02-11 09:00 A assigned: zhanglei
02-11 09:00 A accepted: lixia
02-13 08:00 A due_tomorrow: zhanglei wangmin
02-13 09:00 B arrived: wangmin
02-13 09:00 B assigned: zhanglei
02-13 09:00 B accepted: lixia
02-14 08:00 A due_today: zhanglei wangmin
02-15 08:00 A overdue: zhanglei wangmin
02-17 08:00 A long_overdue: liujianguo chenjun tianye
02-24 08:00 B due_tomorrow: zhanglei wangmin
02-24 16:00 A to_review: wangmin
02-24 16:00 A repaired: lixia
02-24 16:00 B to_review: wangmin
02-24 16:00 B repaired: lixia
02-26 09:00 A closed: lixia zhanglei
02-26 09:00 B closed: lixia zhanglei
03-05 09:00 C arrived: wangmin
03-05 09:00 C assigned: zhanglei
03-05 09:00 C accepted: lixia
03-09 08:00 C due_tomorrow: zhanglei wangmin
03-11 09:00 D arrived: wangmin
03-17 10:00 C overdue: zhanglei wangmin
03-17 10:00 C long_overdue: liujianguo chenjun tianye
03-17 10:00 D first_act_late: wangmin liujianguo chenjun
03-18 09:00 C to_review: wangmin
03-18 09:00 C repaired: lixia
03-18 09:00 C closed: lixia zhanglei
03-18 09:00 D rejected: lixia
04-15 09:00 E arrived: chenjun
04-15 09:00 E assigned: zhanglei
04-15 09:00 E accepted: lixia
04-19 08:00 E due_tomorrow: zhanglei chenjun
04-20 08:00 E due_today: zhanglei chenjun
04-20 09:00 E handed_over: suyan
04-21 08:00 E overdue: zhanglei suyan
04-21 09:00 E to_review: suyan
04-21 09:00 E repaired: lixia
04-21 09:00 E closed: lixia zhanglei
05-11 09:00 P arrived: wangmin ×30
05-11 09:00 P assigned: zhanglei ×30
05-11 09:00 P accepted: lixia ×30
05-13 08:00 P due_tomorrow: zhanglei wangmin ×30
05-14 08:00 P due_today: zhanglei wangmin ×30
05-15 08:00 P overdue: zhanglei wangmin ×30
05-17 08:00 P long_overdue: liujianguo suyan tianye ×30
05-18 09:00 P to_review: wangmin ×30
05-18 09:00 P repaired: lixia ×30
05-18 09:00 P closed: lixia zhanglei ×30
06-08 09:00 Q arrived: wangmin
06-08 09:00 Q rejected: lixia
06-09 09:00 Q disputed: wangmin
06-09 09:00 Q appealed: liujianguo suyan tianye
06-10 09:00 Q appeal_overturned: lixia
06-10 09:00 Q arrived: suyan
06-10 09:00 Q appeal_overturned: wangmin
06-10 09:00 Q assigned: zhanglei
06-10 09:00 Q accepted: lixia
06-11 09:00 Q to_review: suyan
06-11 09:00 Q repaired: lixia
06-11 09:00 Q closed: lixia zhanglei
06-15 09:00 R arrived: wangmin
06-15 09:00 R assigned: zhanglei
06-15 09:00 R accepted: lixia
06-15 09:00 R to_review: wangmin
06-15 09:00 R repaired: lixia
06-15 09:00 R closed: lixia zhanglei
06-16 09:00 R objected: liujianguo suyan wangmin
06-17 09:00 R objection_dismissed: lixia wangmin
06-30 09:00 F arrived: wangmin
06-30 09:00 F assigned: zhanglei
06-30 09:00 F accepted: lixia
07-02 08:00 F due_tomorrow: zhanglei wangmin suyan*
07-02 09:00 G arrived: suyan
07-02 09:00 G assigned: zhanglei
07-02 09:00 G accepted: lixia
07-03 08:00 F due_today: zhanglei wangmin suyan*
07-03 10:00 F to_review: wangmin suyan*
07-03 10:00 F repaired: lixia
07-03 10:00 F closed: lixia zhanglei wangmin
07-06 10:00 G to_review: wangmin suyan*
07-06 10:00 G repaired: lixia
07-09 10:00 G closed: lixia zhanglei suyan
07-20 09:00 S arrived: wangmin
07-20 09:00 S assigned: zhanglei
07-20 09:00 S accepted: lixia
07-21 09:00 S voided: lixia zhanglei wangmin
07-22 09:00 T arrived: wangmin
07-22 09:00 U arrived: wangmin
07-22 09:00 U merged: zhanglei
07-22 09:00 T assigned: zhanglei
07-22 09:00 T accepted: lixia
07-23 09:00 T to_review: wangmin
07-23 09:00 T repaired: lixia
07-23 09:00 T closed: lixia zhanglei
08-10 09:00 H arrived: wangmin
08-10 10:00 H arrived: suyan
08-10 10:00 H handed_on: lixia
08-10 11:00 H arrived: wangmin
08-10 11:00 H handed_on: lixia
08-10 14:00 H moved_away: wangmin
08-10 14:00 H handed_on: lixia
08-11 20:00 H first_act_late: suyan liujianguo
08-12 09:00 H rejected: lixia
08-20 09:00 V arrived: suyan
08-20 09:00 V rejected: zhaoqiang
09-18 09:00 I arrived: wangmin
09-18 09:00 I assigned: zhanglei
09-18 09:00 I accepted: lixia
09-19 08:00 I due_tomorrow: zhanglei wangmin
09-20 08:00 I due_today: zhanglei wangmin
09-20 09:00 I to_review: wangmin
09-20 09:00 I repaired: lixia
09-20 09:00 I closed: lixia zhanglei
09-30 09:00 J arrived: wangmin
09-30 09:00 J assigned: zhanglei
09-30 09:00 J accepted: lixia
10-09 08:00 J due_tomorrow: zhanglei wangmin
10-09 15:00 J to_review: wangmin
10-09 15:00 J repaired: lixia
10-09 15:00 J closed: lixia zhanglei
10-19 09:00 K arrived: wangmin
10-19 09:00 K assigned: zhanglei
10-19 09:00 K accepted: lixia
10-19 09:00 L arrived: wangmin
10-19 09:00 L assigned: zhanglei
10-19 09:00 L accepted: lixia
10-19 09:00 M arrived: wangmin
10-19 09:00 M assigned: zhanglei
10-19 09:00 M major_accepted: liujianguo suyan
10-19 09:00 M accepted: lixia
10-21 08:00 K due_tomorrow: zhanglei wangmin
10-21 08:00 L due_tomorrow: zhanglei wangmin
10-21 08:00 M due_tomorrow: zhanglei wangmin
10-22 08:00 K due_today: zhanglei wangmin
10-22 08:00 L due_today: zhanglei wangmin
10-22 08:00 M due_today: zhanglei wangmin
10-22 20:00 M supervised: zhanglei wangmin liujianguo suyan tianye
10-23 08:00 K overdue: zhanglei wangmin
10-23 08:00 L overdue: zhanglei wangmin
10-23 08:00 M overdue: zhanglei wangmin
10-25 08:00 K long_overdue: liujianguo suyan tianye
10-25 08:00 L long_overdue: liujianguo suyan tianye
10-25 08:00 M long_overdue: liujianguo suyan tianye
10-26 09:00 K to_review: wangmin
10-26 09:00 K repaired: lixia
10-26 09:00 K closed: lixia zhanglei
10-26 09:00 L to_review: wangmin
10-26 09:00 L repaired: lixia
10-26 09:00 L closed: lixia zhanglei
10-26 09:00 M to_review: liujianguo suyan
10-26 09:00 M repaired: lixia
10-26 09:00 M dual_reported: liujianguo suyan ×2
10-26 09:00 M closed: lixia zhanglei wangmin
11-10 09:00 N arrived: wangmin
11-10 09:00 N assigned: zhanglei
11-10 09:00 N accepted: lixia
11-12 08:00 N due_tomorrow: zhanglei wangmin
11-13 08:00 N due_today: zhanglei wangmin
11-13 16:00 N extension_asked: wangmin
11-14 08:00 N overdue: zhanglei wangmin
11-16 07:30 N extension_given: zhanglei
11-17 08:00 N due_tomorrow: zhanglei wangmin
11-17 15:00 N to_review: wangmin
11-17 15:00 N repaired: lixia
11-17 15:00 N closed: lixia zhanglei
11-30 09:00 O arrived: wangmin
11-30 09:00 O assigned: zhanglei
11-30 09:00 O accepted: lixia
12-02 09:00 O due_tomorrow: zhanglei wangmin
12-03 08:00 O due_today: zhanglei wangmin
12-03 09:00 O to_review: wangmin
12-03 09:00 O repaired: lixia
12-03 09:00 O closed: lixia zhanglei
"""
"""A star marks who hears as a deputy."""


DIGESTS = """
02-14 08:00 due_today 1: wangmin chenjun zhanglei liujianguo
02-15 08:00 overdue 1: wangmin chenjun zhanglei liujianguo
02-16 08:00 overdue 1: wangmin chenjun zhanglei liujianguo
02-17 08:00 overdue 1: wangmin chenjun zhanglei liujianguo
02-18 08:00 overdue 1: wangmin chenjun zhanglei liujianguo
02-19 08:00 overdue 1: wangmin chenjun zhanglei liujianguo
02-20 08:00 overdue 1: wangmin chenjun zhanglei liujianguo
02-21 08:00 overdue 1: wangmin chenjun zhanglei liujianguo
02-22 08:00 overdue 1: wangmin chenjun zhanglei liujianguo
02-23 08:00 overdue 1: wangmin chenjun zhanglei liujianguo
02-24 08:00 overdue 1: wangmin chenjun zhanglei liujianguo
02-25 08:00 to_reinspect 2: wangmin chenjun liujianguo
02-26 08:00 to_reinspect 2: wangmin chenjun liujianguo
03-17 10:00 overdue 1 to_accept 1: wangmin chenjun liujianguo
03-17 10:00 overdue 1: zhanglei
03-18 08:00 overdue 1 to_accept 1: wangmin chenjun liujianguo
03-18 08:00 overdue 1: zhanglei
04-20 08:00 due_today 1: chenjun zhanglei liujianguo suyan
04-21 08:00 overdue 1: zhanglei liujianguo suyan
05-14 08:00 due_today 30: wangmin zhanglei liujianguo suyan
05-15 08:00 overdue 30: wangmin zhanglei liujianguo suyan
05-16 08:00 overdue 30: wangmin zhanglei liujianguo suyan
05-17 08:00 overdue 30: wangmin zhanglei liujianguo suyan
05-18 08:00 overdue 30: wangmin zhanglei liujianguo suyan
06-10 08:00 contested 1: wangmin liujianguo tianye suyan
06-17 08:00 contested 1: wangmin liujianguo suyan
07-03 08:00 due_today 1: wangmin zhanglei liujianguo suyan
07-07 08:00 to_reinspect 1: wangmin liujianguo suyan
07-08 08:00 to_reinspect 1: wangmin liujianguo suyan
07-09 08:00 to_reinspect 1: wangmin liujianguo suyan
08-11 08:00 to_accept 1: liujianguo suyan
08-12 08:00 to_accept 1: liujianguo suyan
09-20 08:00 due_today 1: wangmin zhanglei liujianguo suyan
10-22 08:00 due_today 3: wangmin zhanglei liujianguo suyan
10-23 08:00 overdue 3: wangmin zhanglei liujianguo suyan
10-24 08:00 overdue 3: wangmin zhanglei liujianguo suyan
10-25 08:00 overdue 3: wangmin zhanglei liujianguo suyan
10-26 08:00 overdue 3: wangmin zhanglei liujianguo suyan
11-13 08:00 due_today 1: wangmin zhanglei liujianguo suyan
11-14 08:00 overdue 1: wangmin zhanglei liujianguo suyan
11-15 08:00 overdue 1: wangmin zhanglei liujianguo suyan
12-03 08:00 due_today 1: wangmin zhanglei liujianguo suyan
"""
"""What waited, and who was told of it at eight in the morning."""
MAILED = {
    "有新隐患等您受理": 49,
    "整改期限只剩一天": 42,
    "每日待办": 36,
    "整改今天到期": 38,
    "整改已逾期": 36,
    "整改已提交，等您复查": 43,
    "隐患超过 24 小时无人受理": 1,
    "您的结论有人不同意": 1,
    "有人对闭环提出异议": 1,
    "异议未采纳": 1,
    "隐患已闭环": 2,
    "受理已撤销": 1,
    "重大隐患逾期，已挂牌督办": 1,
    "有延期申请等您批": 1,
}
POSTED = {
    "新隐患待受理": 53,
    "隐患已受理，整改中": 46,
    "整改期限只剩一天": 43,
    "整改今天到期": 39,
    "整改已逾期": 37,
    "整改逾期三天未完成": 35,
    "整改已提交，待复查": 46,
    "隐患已闭环": 46,
    "隐患超过 24 小时无人受理": 2,
    "有申诉待裁定": 1,
    "有人对闭环提出异议": 1,
    "有重大隐患立案": 1,
    "重大隐患逾期，已挂牌督办": 1,
}
"""How often each was said, to 王敏 by mail and to the group."""
EXACTLY = """
02-14 08:00 mail wangmin: 整改今天到期 A | A 用电 · 冲压线 A3 · 三号车间 / 期限：2月14日 18:00 / \
今天改好并提交，就不算逾期。 / http://127.0.0.1:8000/hazards/A
02-14 08:00 group: 整改今天到期 / A 用电 · 冲压线 A3 · 三号车间 / 期限：2月14日 18:00 / \
今天改好并提交，就不算逾期。 / http://127.0.0.1:8000/hazards/A
02-14 08:00 mail wangmin: 每日待办 | 今日到期 1 条 / 请到待办里办理。 / http://127.0.0.1:8000/inbox
"""
"""All that left the house on one day, word by word."""
