drop table edge_session;
alter table edge drop column statement;
