-- The table of appointments, as far as "who comes today or tomorrow" needs it: a supplement to
-- opendental-subset.sql, with the same conventions. AptStatus: 1 scheduled, 2 complete, 3 on the
-- unscheduled list, 4 wanted soon, 5 broken, 6 planned.
USE opendental;

CREATE TABLE appointment (
  AptNum bigint NOT NULL AUTO_INCREMENT,
  PatNum bigint NOT NULL,
  AptStatus tinyint unsigned NOT NULL DEFAULT 0,
  AptDateTime datetime NOT NULL DEFAULT '0001-01-01 00:00:00',
  PRIMARY KEY (AptNum),
  KEY PatNum (PatNum),
  KEY indexAptDateTime (AptDateTime)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;

INSERT INTO appointment (PatNum,AptStatus,AptDateTime) VALUES
 (15,1,CURDATE() + INTERVAL 33 HOUR),             -- tomorrow
 (16,1,CURDATE() + INTERVAL 9 HOUR),              -- today
 (17,5,CURDATE() + INTERVAL 10 HOUR),             -- broken: does not come
 (19,1,CURDATE() + INTERVAL 9 DAY),               -- next week
 (18,1,CURDATE() - INTERVAL 1 HOUR);              -- yesterday
